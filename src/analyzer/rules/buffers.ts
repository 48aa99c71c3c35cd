// The sticky buffers: names, older names, protocol, and the direction in which they come.

/** A buffer of the rules' language. */
export interface BufferFacts {
  /** The protocols that have it; none: it is a part of a packet's headers. */
  readonly protocols: readonly string[];
  /** 0: it comes to the server, 1: to the client; undefined: either way. */
  readonly direction: number | undefined;
}

const request = (...protocols: string[]): BufferFacts => ({ protocols, direction: 0 });
const response = (...protocols: string[]): BufferFacts => ({ protocols, direction: 1 });
const either = (...protocols: string[]): BufferFacts => ({ protocols, direction: undefined });

const ofPacket: BufferFacts = { protocols: [], direction: undefined };

/** By Suricata's names (its documentation, "Rules"). */
export const BUFFERS: Readonly<Record<string, BufferFacts>> = {
  'http.method': request('http'),
  'http.uri': request('http'),
  'http.uri.raw': request('http'),
  'http.request_line': request('http'),
  'http.request_body': request('http'),
  'http.host': request('http'),
  'http.host.raw': request('http'),
  'http.user_agent': request('http'),
  'http.referer': request('http'),
  'http.accept': request('http'),
  'http.accept_lang': request('http'),
  'http.accept_enc': request('http'),
  'http.stat_code': response('http'),
  'http.stat_msg': response('http'),
  'http.response_line': response('http'),
  'http.response_body': response('http'),
  'http.server': response('http'),
  'http.location': response('http'),
  'http.request_header': request('http'),
  'http.response_header': response('http'),
  'http.cookie': either('http'),
  'http.header': either('http'),
  'http.header.raw': either('http'),
  'http.header_names': either('http'),
  'http.protocol': either('http'),
  'http.start': either('http'),
  'http.connection': either('http'),
  'http.content_type': either('http'),
  'http.content_len': either('http'),
  'file.data': either('http', 'smtp'),
  'file.name': either('http', 'smtp'),
  'dns.query': request('dns'),
  'tls.sni': request('tls'),
  'tls.cert_subject': either('tls'),
  'tls.cert_issuer': either('tls'),
  'tls.cert_serial': either('tls'),
  'tls.cert_fingerprint': either('tls'),
  'tls.certs': either('tls'),
  'tls.random': either('tls'),
  'tls.random_time': either('tls'),
  'tls.random_bytes': either('tls'),
  'ja3.hash': request('tls', 'quic'),
  'ja3.string': request('tls', 'quic'),
  'ja3s.hash': response('tls', 'quic'),
  'ja3s.string': response('tls', 'quic'),
  'ja4.hash': request('tls', 'quic'),
  'quic.version': either('quic'),
  'quic.sni': request('quic'),
  'quic.ua': request('quic'),
  'quic.cyu.hash': request('quic'),
  'quic.cyu.string': request('quic'),
  'smtp.helo': request('smtp'),
  'smtp.mail_from': request('smtp'),
  'smtp.rcpt_to': request('smtp'),
  'ssh.proto': either('ssh'),
  'ssh.software': either('ssh'),
  'ssh.hassh': request('ssh'),
  'ssh.hassh.string': request('ssh'),
  'ssh.hassh.server': response('ssh'),
  'ssh.hassh.server.string': response('ssh'),
  'ip.src': ofPacket,
  'ip.dst': ofPacket,
  'ipv4.hdr': ofPacket,
  'ipv6.hdr': ofPacket,
  'tcp.hdr': ofPacket,
  'udp.hdr': ofPacket,
  'icmpv4.hdr': ofPacket,
  'icmpv6.hdr': ofPacket,
};

/** Whether a chain looks at a part of a transaction, not at a payload or a packet's headers. */
export function isOfTransaction(buffer: string): boolean {
  return (BUFFERS[buffer]?.protocols.length ?? 0) > 0;
}

/** Other names of sticky buffers. */
export const ALIASES: Readonly<Record<string, string>> = {
  file_data: 'file.data',
  dns_query: 'dns.query',
  tls_sni: 'tls.sni',
  tls_cert_subject: 'tls.cert_subject',
  tls_cert_issuer: 'tls.cert_issuer',
  tls_cert_serial: 'tls.cert_serial',
  tls_cert_fingerprint: 'tls.cert_fingerprint',
  ja3_hash: 'ja3.hash',
  ja3_string: 'ja3.string',
  http_request_line: 'http.request_line',
  http_response_line: 'http.response_line',
  http_header_names: 'http.header_names',
  http_protocol: 'http.protocol',
  http_start: 'http.start',
  http_accept: 'http.accept',
  http_accept_lang: 'http.accept_lang',
  http_accept_enc: 'http.accept_enc',
  http_connection: 'http.connection',
  http_content_type: 'http.content_type',
  http_content_len: 'http.content_len',
  http_referer: 'http.referer',
};

/** Keywords behind a content that move it into a buffer: the older way to say so. */
export const MODIFIERS: Readonly<Record<string, string>> = {
  http_uri: 'http.uri',
  http_raw_uri: 'http.uri.raw',
  http_method: 'http.method',
  http_header: 'http.header',
  http_raw_header: 'http.header.raw',
  http_cookie: 'http.cookie',
  http_user_agent: 'http.user_agent',
  http_host: 'http.host',
  http_raw_host: 'http.host.raw',
  http_client_body: 'http.request_body',
  http_server_body: 'file.data',
  http_stat_code: 'http.stat_code',
  http_stat_msg: 'http.stat_msg',
};

/** Flags of pcre that name a buffer. */
export const PCRE_BUFFERS: Readonly<Record<string, string>> = {
  U: 'http.uri',
  I: 'http.uri.raw',
  P: 'http.request_body',
  Q: 'file.data',
  H: 'http.header',
  D: 'http.header.raw',
  M: 'http.method',
  C: 'http.cookie',
  S: 'http.stat_code',
  Y: 'http.stat_msg',
  V: 'http.user_agent',
  W: 'http.host',
  Z: 'http.host.raw',
};

/** Whether all of a buffer is there as soon as anything is. Bodies grow. */
export function comesWhole(buffer: string): boolean {
  return buffer.startsWith('http.') && !buffer.endsWith('_body');
}

/** Whether it is a body, which grows at its end as long as it is not unpacked. */
export function isBody(buffer: string): boolean {
  return buffer.endsWith('_body') || buffer === 'file.data';
}
