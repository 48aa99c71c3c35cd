// The captures of the corpus on which the analyzer tells something else than Suricata 7, and why; docs/analyzer.md has the
// reasons at length. A test that finds such a capture the same after all fails, so that this list stays true.

/** By reason: ends of paths. */
export type Differences = Readonly<Record<string, readonly string[]>>;

/** Of flows: how many, between whom, how many packets each way. */
export const FLOW_DIFFERENCES: Differences = {
  'an IP length of 0 is taken for a packet that was still to be segmented': [
    '/bigtcp-ipv4-geneve-ipv4.pcap',
    '/bigtcp-ipv4-geneve-ipv6.pcap',
    '/bigtcp-ipv4-vxlan-ipv4.pcap',
    '/bigtcp-ipv4-vxlan-ipv6.pcap',
    '/bigtcp-ipv4.pcap',
    '/bigtcp-ipv6-geneve-ipv4.pcap',
    '/bigtcp-ipv6-geneve-ipv6.pcap',
    '/bigtcp-ipv6-hbh.pcap',
    '/bigtcp-ipv6-vxlan-ipv4.pcap',
    '/bigtcp-ipv6-vxlan-ipv6.pcap',
    '/bigtcp-ipv6.pcap',
    '/IPv4-TSO.pcap',
    '/ipv4_tcp_http_xml_tso.pcap',
    '/ip-bogus-header-len.pcap',
    '/quic/383379789-decrypt-crash.pcap',
    '/ipv6_jumbogram_1.pcap',
    '/ipv6_jumbogram_invalid_length.pcap',
  ],
  'packets inside of these are not looked into by Suricata': [
    '/snap-tcp.pcap',
    '/tunnels/4in4.pcap',
    '/AH-IPcomp-IPv6.pcap',
    '/ipv6_ah_modes.pcap',
    '/ipv6-srh-ext-header.pcap',
    '/lspping-fec-ldp.pcap',
    '/lspping-fec-rsvp.pcap',
    '/mpls-traceroute.pcap',
  ],
  'packets inside of these are not looked into here': ['/cisco-fabric-path.pcap', '/nsh.pcap'],
  'a flow of IPv6 in IPv4 has two directions here': ['/tunnels/ping6-in-ipv4.pcap'],
  'ICMP messages that nothing answers are told apart by their code here': ['/icmp-rfc8335.pcap'],
  'the protocol behind an empty authentication header is read elsewhere': ['/ipv6_zero_len_ah.pcap'],
  'time goes back: flows that a later packet has ended stay ended here': [
    '/kday3.pcap',
    '/kday4.pcap',
    '/kday7.pcap',
    '/timestamp_invalid_micro.pcap',
  ],
};

/** Of the events of application layers. */
export const EVENT_DIFFERENCES: Differences = {
  'DNS answers without their question, and DNS on other ports': [
    '/dns-edns-ecs.pcap',
    '/dns-svcb-rdlength-mismatch.pcap',
    '/dns/dns-edns-bad-length.pcap',
    '/dns/dns_notify2.pcap',
    '/dns/loc-29-trunc.pcap',
    '/dns/loc-invalid-length.pcap',
    '/dns/sshfp-trunc.pcap',
    '/ExampleApp/1_packet.pcap',
    '/PacketExamples/DNS_NXDomain.pcap',
    '/PacketExamples/Dns.pcap',
    '/PacketExamples/Dns4.pcap',
    '/PacketExamples/DnsEdit7.pcap',
    '/PacketExamples/UdpPacket4Checksum.pcap',
    '/PacketExamples/UdpPacket4Checksum.pcap.old',
    '/dns_tcp_8053.pcap',
    '/dns_udp_8053.pcap',
  ],
  'bytes that were not acknowledged, or are behind a hole': [
    '/dnso1tcp-bighole.pcap',
    '/dnsotcp-many1pkt.pcap',
    '/erspan.pcap',
    '/http/zero-length-bodies-with-drops.pcap',
  ],
  'the length of bodies in parts': ['/http/byteranges.pcap', '/http/content-range-gap-skip.pcap'],
  'lines that are no HTTP, in the middle of a connection': [
    '/http/261/variant-10-multi_value_te.pcap',
    '/http/http-09-content-length-confusion.pcap',
    '/http/http-11-request-then-cruft.pcap',
    '/http/http-inner-transfer-encoding-ossfuzz.pcap',
    '/http/http-to-ssh.pcap',
    '/http/interleaved-http-entity.pcap',
    '/tcp/qi_internet_SYNACK_curl_jsonip.pcap',
  ],
  'CONNECT to something that is no host': ['/http/methods.pcap'],
  'connections that one side only speaks this protocol in': [
    '/modbus/modbus-and-non-modbus-p502.pcap',
    '/tls/https-to-http.pcap',
    '/tls/ssl-to-http-server.pcap',
    '/tls/ocsp-response-only.pcap',
  ],
  'payload in the SYN': ['/tcp/tcp-fast-open.pcap'],
  'a session that breaks off while it is resumed': ['/tls/tls1.2-protocol-violation.pcap'],
  'a certificate that only OpenSSL reads': ['/tls/ml-dsa-44-cert.pcap'],
  'QUIC on other ports than 443': [
    '/quic/chromium-dpd-custom-port-4433.pcap',
    '/quic/quicdoq.pcap',
    '/quic/quicv2-echo-dpd-custom-port-4433.pcap',
  ],
  'a version of QUIC that nobody speaks': ['/quic/vector-max-size-crash.pcap'],
  'letters that come by BDAT': [
    '/smtp/rfc3030-bdat-0-last.pcap',
    '/smtp/rfc3030-bdat-example1.pcap',
    '/smtp/rfc3030-bdat-multipart-chunked.pcap',
    '/smtp/rfc3030-bdat-multipart.pcap',
    '/smtp/rfc3030-bdat-nonascii.pcap',
    '/smtp/smtp-bdat-gap.pcap',
    '/smtp/smtp-bdat-pipeline-8bitmime.pcap',
  ],
  'FTP is not parsed': ['/ftp/ftp-auth-tls.pcap'],
  'lines before the banner': ['/ssh/server-pre-banner-data.pcap'],
  'the QUIT after the last letter': ['/smtp-mail-transactions-invalid.pcap'],
  '802.3 frames with SNAP are not read by Suricata': ['/snap-tcp.pcap'],
};

/** Why this capture differs; undefined: it must not. */
export function reasonOf(differences: Differences, path: string): string | undefined {
  return Object.keys(differences).find((reason) => differences[reason]!.some((end) => path.endsWith(end)));
}
