// Keywords that say what the rule is, and ask nothing of a packet.

import { RuleProblem } from '../problem.js';
import { bare, type Keywords, required, wholeNumber } from './keyword.js';

const MAX_PRIORITY = 255;

/** msg, sid, gid, rev, classtype, priority, reference, metadata, target, noalert, alert, prefilter, tag. */
export const META: Keywords = {
  msg: (draft, value, name) => {
    draft.msg = bare(required(value, name)).replace(/\\(.)/g, '$1');
  },
  sid: (draft, value, name) => {
    draft.sid = wholeNumber(value, name);
    if (draft.sid === 0) throw new RuleProblem('sid must be 1 or more');
  },
  gid: (draft, value, name) => {
    draft.gid = wholeNumber(value, name);
  },
  rev: (draft, value, name) => {
    draft.rev = wholeNumber(value, name);
  },
  classtype: (draft, value, name) => {
    draft.classtype = required(value, name);
  },
  priority: (draft, value, name) => {
    draft.priority = wholeNumber(value, name);
    if (draft.priority === 0 || draft.priority > MAX_PRIORITY)
      throw new RuleProblem(`priority must be 1 to ${MAX_PRIORITY}`);
  },
  reference: (draft, value, name) => {
    draft.references.push(required(value, name));
  },
  metadata: (draft, value, name) => {
    for (const pair of bare(required(value, name)).split(',')) {
      const [key = '', ...rest] = pair.trim().split(/\s+/);
      if (key === '') continue;
      draft.metadata[key] ??= [];
      draft.metadata[key].push(rest.join(' '));
    }
  },
  target: (draft, value) => {
    if (value !== 'src_ip' && value !== 'dest_ip')
      throw new RuleProblem(`target: ${value ?? ''} is neither src_ip nor dest_ip`);
    draft.target = value;
  },
  noalert: (draft) => {
    draft.noalert = true;
  },
  alert: (draft) => {
    draft.noalert = false;
  },
  // How a rule is looked for, and what is logged after it, change nothing about what matches.
  prefilter: () => {},
  tag: (_, value, name) => void required(value, name),
};
