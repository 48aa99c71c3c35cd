// Lines beside those of `tcpdump -n -S` for real captures. Compared, for every packet: the whole of our line, with these
// two allowances. tcpdump's may go on behind ours, after a space or colon (what the payload says), and it lists TCP
// options before the length, which we leave out. Where tcpdump puts what a UDP payload says in place of `UDP, length N`,
// our line is compared up to there.

import { describe, expect, it } from 'vitest';
import type { PacketView } from '../../src/packet/packet-view.js';
import { formatLine } from '../../src/sink/line.js';
import { corpusFiles, corpusPresent } from '../support/corpus.js';
import { packetsOf } from '../support/pcap-packets.js';
import { output } from '../support/run.js';

const ZEEK = 'zeek+zeek/testing/btest/Traces';
const PCAPPLUSPLUS = 'seladb+PcapPlusPlus/Tests/Pcap++Test/PcapExamples';
const TCPDUMP = 'the-tcpdump-group+tcpdump/tests';

const CAPTURES = [
  [`${ZEEK}/tcp/timestamp.pcap`, 'TCP, with many options'],
  [`${ZEEK}/tcp/reassembly.pcap`, 'TCP, truncated'],
  [`${TCPDUMP}/tcp_eight_lowest_weight_flags_set.pcap`, 'all TCP flags'],
  [`${ZEEK}/var-services-std-ports.pcap`, 'TCP, UDP and ARP'],
  [`${ZEEK}/ftp/ipv6.pcap`, 'TCP over IPv6'],
  [`${ZEEK}/conn-size.pcap`, 'ICMP port unreachable'],
  [`${ZEEK}/icmp_dot1q.pcap`, 'ICMP echo and ARP in VLANs'],
  [`${ZEEK}/icmp/icmp-timeexceeded.pcap`, 'ICMP time exceeded'],
  [`${ZEEK}/communityid/icmp6.pcap`, 'ICMPv6 errors'],
  ['LibtraceTeam+libtrace/test/traces/etsi_10_pings.pcap', 'ICMPv6 neighbour discovery'],
  ['the-tcpdump-group+libpcap/tests/filter/gateway_or_not.pcap', 'ARP, ICMP and ICMPv6'],
  ['DNS-OARC+dnscap/src/test/frags.pcap', 'IPv4 fragments, raw IPv4'],
  [`${PCAPPLUSPLUS}/ip6_fragments.pcap`, 'IPv6 fragments'],
  [`${TCPDUMP}/babel.pcap`, 'UDP over IPv6, Linux cooked'],
  [`${TCPDUMP}/resp_1_benchmark.pcap`, 'TCP, Linux cooked'],
  [`${ZEEK}/redis/pubsub.pcap`, 'TCP, BSD loopback'],
  [`${PCAPPLUSPLUS}/raw_ip.pcap`, 'TCP, raw IP'],
  [`${PCAPPLUSPLUS}/four_ipv6_http_streams.pcap`, 'TCP over IPv6, raw IP (12)'],
  [`${ZEEK}/icmp/icmp6-mldv2.pcap`, 'multicast listener reports, raw IPv6'],
] as const;

describe.skipIf(!corpusPresent)('a line', () => {
  const paths = corpusFiles('valid').map((file) => file.path);

  it.each(CAPTURES)('says what tcpdump says of each packet of %s (%s)', async (name) => {
    const path = paths.find((candidate) => candidate.endsWith(name))!;
    const packets = packetsOf(path);
    const lines = packets.map((packet) => formatLine(packet));
    const theirs = await tcpdumpLines(path);
    expect(theirs).toHaveLength(packets.length);
    expect(lines.filter((line, i) => !agrees(line, theirs[i]!))).toEqual([]);
  });

  it('gives the time as tcpdump -tt, -tttt and in nanoseconds', async () => {
    const path = paths.find((candidate) => candidate.endsWith(`${ZEEK}/icmp_dot1q.pcap`))!;
    const times = (packets: PacketView[], nanoseconds: boolean) =>
      packets.map((packet) => formatLine(packet, { time: 'epoch', nanoseconds }).split(' ')[0]);
    const firstWord = (line: string) => line.split(' ')[0];
    expect(times(packetsOf(path), false)).toEqual((await tcpdumpLines(path, ['-tt'])).map(firstWord));
    const dates = packetsOf(path).map((packet) => formatLine(packet, { time: 'date' }).slice(0, 26));
    expect(dates).toEqual((await tcpdumpLines(path, ['-tttt'])).map((line) => line.slice(0, 26)));
    const precise = await tcpdumpLines(path, ['-tt', '--time-stamp-precision=nano']);
    expect(times(packetsOf(path), true)).toEqual(precise.map(firstWord));
  });
});

/** Lines that go on over several begin with a time only in the first. */
async function tcpdumpLines(path: string, more: readonly string[] = []): Promise<string[]> {
  const text = (await output('tcpdump', ['-n', '-S', ...more, '-r', path])).toString('latin1');
  return text.split('\n').filter((line) => /^[\d: -]+\.\d{6,9} /.test(line));
}

function agrees(ours: string, line: string): boolean {
  const theirs = line.replace(/, options \[[^\]]*\]/, '').trimEnd();
  if (theirs === ours || theirs.startsWith(`${ours}:`) || theirs.startsWith(`${ours} `)) return true;
  return (
    /: UDP, length \d+$/.test(ours) && !theirs.includes(': UDP') && theirs.startsWith(ours.replace(/UDP, .*$/, ''))
  );
}
