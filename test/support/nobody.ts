// A user without any privilege, to try what such users may do.

import { PKTTAP } from './pkttap.js';
import { run } from './run.js';

/** Arguments that make `setpriv` run the program behind them as the user 65534, without groups and capabilities. */
export const AS_NOBODY = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--bounding-set', '-all'];

/** Why no process can run as that user here, for a test to skip with; undefined if one can. */
export async function whyNoNobody(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'needs root, to become another user';
  try {
    const { status, stderr } = await run('setpriv', [...AS_NOBODY, 'node', PKTTAP, '--version']);
    return status === 0 ? undefined : `another user can't run pkttap here: ${stderr.trim()}`;
  } catch (error) {
    return `needs setpriv: ${error}`;
  }
}
