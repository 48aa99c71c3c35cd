// Keywords of Suricata 7 that are refused on purpose, each with the reason.

import { RuleProblem } from '../problem.js';
import type { Keyword, Keywords } from './keyword.js';

const NOT_PARSED = 'is not parsed here';
const NOTHING_KEPT = 'no file is kept here';
const NOTHING_CHANGED = 'packets are listened to, not changed';

const REASONS: Readonly<Record<string, string>> = {
  asn1: `ASN.1 ${NOT_PARSED}`,
  bypass: 'no flow is passed over here',
  cip_service: `enip ${NOT_PARSED}`,
  config: 'rules configure nothing here',
  'dcerpc.iface': `dcerpc ${NOT_PARSED}`,
  'dcerpc.opnum': `dcerpc ${NOT_PARSED}`,
  'dcerpc.stub_data': `dcerpc ${NOT_PARSED}`,
  enip_command: `enip ${NOT_PARSED}`,
  'file.magic': 'libmagic is not used here',
  filemagic: 'libmagic is not used here',
  filemd5: 'use file.data with to_md5 and a dataset',
  filesha1: 'use file.data with to_sha1 and a dataset',
  filesha256: 'use file.data with to_sha256 and a dataset',
  filestore: NOTHING_KEPT,
  flowvar: 'expressions keep no variables here',
  frame: 'frames are not told apart here',
  ftpbounce: `ftp ${NOT_PARSED}`,
  ftpdata_command: `ftp ${NOT_PARSED}`,
  geoip: 'no database of places is read here',
  iprep: 'no lists of reputation are read here: use a dataset or a variable',
  nfq_set_mark: NOTHING_CHANGED,
  pktvar: 'expressions keep no variables here',
  replace: NOTHING_CHANGED,
  rpc: `Sun RPC ${NOT_PARSED}: use byte_test`,
  'ssh.protoversion': 'use ssh.proto',
  'ssh.softwareversion': 'use ssh.software',
  tls_store: NOTHING_KEPT,
};

/** Each throws a RuleProblem that says why. */
export const REFUSED: Keywords = Object.fromEntries(Object.keys(REASONS).map((name) => [name, refuse]));

/** Protocols whose keywords all begin with their name. */
const OTHER_PROTOCOLS = /^(dnp3|http2|ike|krb5|modbus|mqtt|nfs|rfb|sip|smb|snmp)(?:[._]|$)/;

function refuse(_: unknown, __: unknown, name: string): never {
  throw new RuleProblem(`keyword ${name}: ${REASONS[name]}`);
}

/** What stands for a keyword that there is not; undefined: nobody knows of it. */
export function otherKeyword(name: string): Keyword | undefined {
  const protocol = OTHER_PROTOCOLS.exec(name)?.[1];
  if (protocol === undefined) return undefined;
  return () => {
    throw new RuleProblem(`keyword ${name}: ${protocol} ${NOT_PARSED}`);
  };
}
