// Where the analyzer and tshark differ on the captures of the corpus, and why.

import type { Differences } from './suricata-differences.js';

/** Frames of these, as frame.protocols has them: what only tshark follows, and what isn't called DNS or HTTP here. */
export const NOT_FOLLOWED =
  /\b(gtp|gtpprime|ayiya|l2tp|lisp|sflow|socks|ldap|imap|pop|xmpp|ftp|eap|rdp|rdpudp|dtls|mdns|llmnr|ssdp)\b|udp:gre|icmp(v6)?:|^(arcnet|nflog|fddi|ppi|pktap)/;

/** Of names and fingerprints. */
export const NAME_DIFFERENCES: Differences = {
  'TLS that begins inside of a protocol that is not parsed here': [
    '/traces/8021x.pcap',
    '/ftp/ftp-auth-tls.pcap',
    '/ldap/ldap-starttls.pcap',
    '/mysql/encrypted.pcap',
    '/mysql/tls-12-amazon-rds.pcap',
    '/mysql/tls-13-amazon-rds.pcap',
    '/postgresql/psql-aws-ssl-preferred.pcap',
    '/postgresql/psql-aws-ssl-require-15432.pcap',
    '/postgresql/psql-aws-ssl-require.pcap',
    '/tls/imap-starttls.pcap',
    '/tls/pop3-starttls.pcap',
    '/tls/xmpp-dialback-starttls.pcap',
    '/tls/xmpp-starttls.pcap',
    '/Traces/socks.pcap',
  ],
  'link types and headers that only tshark reads': [
    '/LINKTYPE_USER2_PKTAP.pcap',
    '/PcapExamples/null_loopback.pcap',
    '/AH-IPcomp-IPv4.pcap',
    '/AH-IPcomp-IPv6.pcap',
  ],
  'packets whose lengths contradict each other': ['/ipv4_invalid_total_length.pcap', '/ipv6_invalid_length_2.pcap'],
  'payload in the SYN': ['/tcp/payload-syn.pcap', '/tcp/payload-synack.pcap', '/tcp/tcp-fast-open.pcap'],
  'requests behind a hole': ['/erspan.pcap', '/http/zero-length-bodies-with-drops.pcap'],
  'a length that is no number ends the request here, as in Suricata': [
    '/http/261/variant-02-cl_uint64max.pcap',
    '/http/261/variant-03-cl_negative.pcap',
  ],
  'tshark puts what is wrong in place of the name': ['/dns/dns-invalid-names.pcap', '/quic/vector-max-size-crash.pcap'],
  'tshark gives up at the message as malformed': [
    '/dns/naptr.pcap',
    '/dns/dns-edns-bad-length.pcap',
    '/dns/loc-invalid-length.pcap',
    '/LINKTYPE_IPV6_invalid.pcap',
    '/quic_vn.pcap',
    '/http/261/variant-01-chunk_2pow64_overflow.pcap',
    '/http/261/variant-04-te_cl_desync.pcap',
  ],
  'tshark goes by ports': [
    '/dns_tcp_8053.pcap',
    '/spicy/examples/request-line.pcap',
    '/http/get-to-ssh-server.pcap',
    '/http/http-single-conn-22.pcap',
    '/http/http-to-ssh.pcap',
    '/http/putty-upload.pcap',
    '/ipv6-http-atomic-frag.pcap',
    '/postgresql/http-on-port-5432.pcap',
    '/quic/quicdoq.pcap',
    '/tcp-http-with-padding.pcap',
    '/tls/https-to-http.pcap',
    '/tls/ssl-to-http-server.pcap',
  ],
  'hellos of Google QUIC are not fields of TLS': ['/gquic.pcap'],
  'requests that tshark does not take for HTTP': [
    '/http/261/variant-09-te_obs_fold.pcap',
    '/http/connect-with-smtp.pcap',
    '/http/http-09-content-length-confusion.pcap',
    '/http/http-bad-request-with-version.pcap',
    '/http/http-desync-request-response-5.pcap',
    '/http/http-inner-transfer-encoding-ossfuzz.pcap',
    '/http/http_09.pcap',
    '/http/no-version.pcap',
    '/http/query-method-non-standard-port.pcap',
    '/http/query-method.pcap',
    '/tcp/qi_internet_SYNACK_curl_jsonip.pcap',
  ],
};
