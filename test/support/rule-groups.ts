// Rules for tests beside the real Suricata, in groups, each with captures on which some of them match. What they say is
// compared by rule, ends and number.

/** Rules that belong together. */
export interface RuleGroup {
  readonly name: string;
  /** A file of rules. */
  readonly rules: string;
  /** Paths in the corpus. */
  readonly captures: readonly string[];
}

const ZEEK = 'zeek+zeek/testing/btest/Traces';

const BASICS = `
alert ip any any -> any any (msg:"once in each direction"; sid:1;)
alert tcp any any -> any 80 (msg:"once, by port"; sid:2;)
alert tcp any any -> any any (msg:"established"; flow:established,to_server; sid:3;)
alert tcp any any -> any any (msg:"flags"; flags:S,CE; sid:4;)
alert tcp any any <> any 80 (msg:"both ways"; flags:SA; sid:5;)
alert tcp any any -> any any (msg:"dsize"; dsize:>0; sid:6;)
alert ip any any -> any any (msg:"ttl"; ttl:<60; sid:7;)
alert ip any any -> any any (msg:"ip_proto"; ip_proto:17; sid:8;)
alert tcp any any -> any any (msg:"alp"; app-layer-protocol:http; sid:9;)
alert tcp any any -> any any (msg:"content of a packet"; content:"HTTP/1."; dsize:>0; sid:10;)
alert tcp any any -> any any (msg:"content by its place"; flow:established,to_server; content:"GET"; depth:3; sid:11;)
alert http any any -> any any (msg:"method"; http.method; bsize:3; content:"GET"; sid:12;)
alert http any any -> any any (msg:"uri"; http.uri; content:"/"; startswith; sid:13;)
alert http any any -> any any (msg:"modifier"; content:"/"; http_uri; nocase; sid:14;)
alert http any any -> any any (msg:"pcre"; pcre:"/^[a-z\\/]+/Ui"; sid:15;)
alert http any any -> any any (msg:"host"; http.host; content:"."; sid:16;)
alert http any any -> any any (msg:"dotprefix"; http.host; dotprefix; content:".www."; sid:17;)
alert http any any -> any any (msg:"user agent"; http.user_agent; content:"mozilla"; nocase; sid:18;)
alert http any any -> any any (msg:"header"; flow:to_client; http.header; content:"Content-Type|3a|"; nocase; sid:19;)
alert http any any -> any any (msg:"status"; http.stat_code; content:"200"; sid:20;)
alert http any any -> any any (msg:"body"; flow:to_client; file.data; content:"<"; sid:21;)
alert http any any -> any any (msg:"negated"; http.method; content:"GET"; http.header_names; content:!"Cookie"; sid:22;)
alert http any any -> any any (msg:"request line"; http.request_line; content:"HTTP/1.1"; endswith; sid:23;)
alert http any any -> any any (msg:"urilen"; urilen:>5; sid:24;)
alert dns any any -> any any (msg:"query"; dns.query; content:"o"; nocase; sid:25;)
alert dns any any -> any any (msg:"query by pcre"; dns.query; pcre:"/\\.(com|net|org)$/i"; sid:26;)
alert tcp any any -> any any (msg:"set"; flow:established,to_server; content:"GET"; depth:3; dsize:>0; flowbits:set,got; noalert; sid:27;)
alert tcp any any -> any any (msg:"isset"; flow:established,to_client; content:"HTTP/1"; depth:6; dsize:>0; flowbits:isset,got; sid:28;)
alert tcp any any -> any any (msg:"limit"; dsize:>0; threshold:type limit, track by_src, count 2, seconds 60; sid:29;)
alert tcp any any -> any any (msg:"both"; dsize:>0; threshold:type both, track by_src, count 3, seconds 60; sid:30;)
alert udp any any -> any 53 (msg:"byte_test"; byte_test:2,=,1,4; sid:31;)
alert udp any any -> any 53 (msg:"byte_jump"; byte_jump:1,12; isdataat:3,relative; sid:32;)
alert udp any any -> any 53 (msg:"byte_extract"; byte_extract:1,12,len; isdataat:len; content:"|00|"; distance:len; sid:33;)
pass udp any any -> any 5353 (msg:"pass"; content:"|00|"; sid:34;)
`;

const HEADERS = `
alert tcp any any -> any any (msg:"stream_size of the client"; stream_size:client,<,6; sid:1;)
alert tcp any any -> any any (msg:"of the server"; stream_size:server,>,500; sid:2;)
alert tcp any any -> any any (msg:"of both"; stream_size:both,>,1; sid:3;)
alert tcp any any -> any any (msg:"of either"; stream_size:either,=,1; sid:4;)
alert tcp any any -> any any (msg:"with a content"; content:"HTTP/1."; stream_size:client,>,0; sid:5;)
alert tcp any any -> any any (msg:"flow.age"; flow.age:>2; sid:6;)
alert ip any any -> any any (msg:"ipv4.hdr"; ipv4.hdr; content:"|06|"; offset:9; depth:1; sid:7;)
alert ip any any -> any any (msg:"ipv6.hdr"; ipv6.hdr; bsize:40; sid:8;)
alert tcp any any -> any any (msg:"tcp.hdr"; tcp.hdr; content:"|02 04|"; offset:20; sid:9;)
alert tcp any any -> any any (msg:"its size"; tcp.hdr; bsize:20; sid:10;)
alert udp any any -> any any (msg:"udp.hdr"; udp.hdr; content:"|00 35|"; sid:11;)
alert icmp any any -> any any (msg:"icmpv4.hdr"; icmpv4.hdr; content:"|08|"; depth:1; sid:12;)
alert icmp any any -> any any (msg:"its size"; icmpv4.hdr; bsize:8; sid:13;)
alert icmpv6 any any -> any any (msg:"icmpv6.hdr"; icmpv6.hdr; content:"|80|"; startswith; sid:14;)
alert icmpv6 any any -> any any (msg:"icmpv6.mtu"; icmpv6.mtu:<1500; sid:15;)
alert tcp any any -> any any (msg:"tcp.mss"; tcp.mss:1000<>1461; sid:16;)
alert ip any any -> any any (msg:"ip.src"; ip.src; bsize:16; sid:17;)
alert ip any any -> any any (msg:"ip.dst"; ip.dst; content:"|0a|"; startswith; sid:18;)
alert ip any any -> any any (msg:"l3_proto"; l3_proto:ipv6; sid:19;)
alert ip any any -> any any (msg:"ipopts"; ipopts:any; sid:20;)
alert tcp any any -> any any (msg:"newer names"; tcp.flags:S; tcp.ack:0; sid:21;)
alert ip any any -> any any (msg:"not from fragments"; flow:no_frag; sid:22;)
alert ip any any -> any any (msg:"from fragments"; flow:only_frag; sid:23;)
alert ip any any -> any any (msg:"ipv4-csum"; ipv4-csum:valid; sid:24;)
`;

const QUIC = `
alert quic any any -> any any (msg:"version"; quic.version; content:"|00 00 00 01|"; sid:1;)
alert quic any any -> any any (msg:"version 2"; quic.version; content:"k3C|cf|"; sid:2;)
alert quic any any -> any any (msg:"of the client"; flow:to_server; quic.version; bsize:4; sid:3;)
alert quic any any -> any any (msg:"sni"; quic.sni; content:"."; sid:4;)
alert quic any any -> any any (msg:"ua"; quic.ua; content:"Chrome"; sid:5;)
alert quic any any -> any any (msg:"cyu.string"; quic.cyu.string; content:"46,"; startswith; sid:6;)
alert quic any any -> any any (msg:"cyu.hash"; quic.cyu.hash; content:"2ac26c08bb3c5569e1b07e028fc9f6e0"; sid:7;)
alert quic any any -> any any (msg:"ja3.hash"; ja3.hash; content:"f75253b5e2b4dcb3fdae9b78ce8c6e49"; sid:8;)
alert quic any any -> any any (msg:"ja3.string"; ja3.string; content:"771,"; sid:9;)
alert quic any any -> any any (msg:"ja3s.hash"; ja3s.hash; content:"eb1d94daa7e0344597e756a1fb6e7054"; sid:10;)
alert quic any any -> any any (msg:"ja3s.string"; ja3s.string; content:"51-43"; sid:11;)
alert quic any any -> any any (msg:"ja4.hash"; ja4.hash; content:"q13d0308h3_"; sid:12;)
alert udp any any -> any any (msg:"in any protocol"; ja3.string; content:"771,"; sid:13;)
`;

/** All groups. */
export const RULE_GROUPS: readonly RuleGroup[] = [
  {
    name: 'basics',
    rules: BASICS,
    captures: ['kbandla+dpkt/examples/data/http.pcap', `${ZEEK}/http/http-single-conn-22.pcap`, `${ZEEK}/dns53.pcap`],
  },
  {
    name: 'headers and flows',
    rules: HEADERS,
    captures: [
      'kbandla+dpkt/examples/data/http.pcap',
      `${ZEEK}/http/basic-auth-with-colon.pcap`,
      `${ZEEK}/icmp/icmp6-ping.pcap`,
      `${ZEEK}/icmp/icmp6-toobig.pcap`,
      `${ZEEK}/communityid/icmp.pcap`,
    ],
  },
  {
    name: 'quic',
    rules: QUIC,
    captures: [
      `${ZEEK}/quic/curl-8.1.2-dev-http3-www-google-de.pcap`,
      `${ZEEK}/quic/quicv2-echo-443.pcap`,
      `${ZEEK}/quic/quic-39264-rand.pcap`,
      'the-tcpdump-group+tcpdump/tests/gquic.pcap',
      'the-tcpdump-group+tcpdump/tests/quic_retry.pcap',
    ],
  },
];
