// Keywords that compare a number of a transaction.

import { narrowTo } from '../draft.js';
import { parseNumberTest } from '../number-test.js';
import { type Keyword, type Keywords, required } from './keyword.js';

/** Which protocol has which. */
const NUMBERS: Readonly<Record<string, string>> = {
  'dns.opcode': 'dns',
  'dns.rrtype': 'dns',
  'dns.rcode': 'dns',
  'dhcp.leasetime': 'dhcp',
  'dhcp.rebinding_time': 'dhcp',
  'dhcp.renewal_time': 'dhcp',
};

/** dns.opcode and its like, by the names that transactions have for them. */
export const TRANSACTION_NUMBERS: Keywords = Object.fromEntries(
  Object.entries(NUMBERS).map(([name, protocol]) => [name, compared(protocol)]),
);

function compared(protocol: string): Keyword {
  return (draft, value, name) => {
    draft.numbers.push({ name, test: parseNumberTest(required(value, name)) });
    narrowTo(draft, [protocol]);
  };
}
