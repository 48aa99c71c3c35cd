// Reads classic pcap from standard input with the package pcap-parser and decodes the 5-tuple of every packet.

import { parse } from 'pcap-parser';
import { foldBytes } from '../support/five-tuple.js';

let [packets, sum] = [0, 0];
// ^C and its like are for the one that writes; this one reads to the end.
process.on('SIGINT', () => {});
const parser = parse(process.stdin);
parser.on('packet', ({ data }) => {
  sum = foldBytes(sum, data);
  packets++;
});
parser.on('end', () => console.log(`${packets} packets decoded, sum ${sum}`));
console.log('listening');
