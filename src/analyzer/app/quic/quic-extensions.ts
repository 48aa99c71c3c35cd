// The extensions of a hello as quic events list them: by number, with IANA's name where Suricata knows it, and the values
// of those that are lists of plain ones.

import { utf8Text } from '../text.js';
import { isReal } from '../tls/fingerprints.js';
import { Extension, type TlsHello } from '../tls/tls-hello.js';

/** An entry of `extensions`. */
export interface EveExtension {
  readonly name?: string;
  readonly type: number;
  readonly values?: readonly string[];
}

/** IANA's registry of TLS extensions, from 0 on; at 40 and 46 there is none. */
const NAMES: readonly string[] = `
  server_name max_fragment_length client_certificate_url trusted_ca_keys truncated_hmac status_request user_mapping
  client_authz server_authz cert_type supported_groups ec_point_formats srp signature_algorithms use_srtp heartbeat alpn
  status_request_v2 signed_certificate_timestamp client_certificate_type server_certificate_type padding encrypt_then_mac
  extended_master_secret token_binding cached_info tls_lts compress_certificate record_size_limit pwd_protect pwd_clear
  password_salt ticket_pinning tls_cert_with_extern_psk delegated_credentials session_ticket tlmsp tlmsp_proxying
  tlmsp_delegate supported_ekt_ciphers - pre_shared_key early_data supported_versions cookie psk_key_exchange_modes -
  certificate_authorities oid_filters post_handshake_auth signature_algorithms_cert key_share transparency_info
  connection_id_deprecated connection_id external_id_hash external_session_id quic_transport_parameters ticket_request
  dnssec_chain`
  .trim()
  .split(/\s+/);
const NO_NAME = '-';
const FAR_NAMES: Readonly<Record<number, string>> = {
  13172: 'next_protocol_negotiation',
  65281: 'renegotiation_info',
};

/** Suricata's number for all those that clients make up. */
const MADE_UP = 0xfafa;

/** All extensions of a hello, in order. */
export function extensionsOf(hello: TlsHello): EveExtension[] {
  return hello.extensions.map((number) => {
    const type = isReal(number) ? number : MADE_UP;
    const name = NAMES[type] ?? FAR_NAMES[type] ?? NO_NAME;
    const values = valuesOf(hello, type);
    return { ...(name !== NO_NAME && { name }), type, ...(values.length > 0 && { values }) };
  });
}

function valuesOf(hello: TlsHello, type: number): readonly string[] {
  switch (type) {
    case Extension.serverName:
      return hello.sni === undefined ? [] : [utf8Text(hello.sni)];
    case Extension.alpn:
      return hello.alpn.map(utf8Text);
    case Extension.signatureAlgorithms:
      return hello.signatureAlgorithms.map(String);
    case Extension.supportedVersions:
      return hello.supportedVersions.map(versionName);
    default:
      return [];
  }
}

const VERSIONS: Readonly<Record<number, string>> = {
  768: 'Ssl30',
  769: 'Tls10',
  770: 'Tls11',
  771: 'Tls12',
  772: 'Tls13',
};
const FIRST_DRAFT = 0x7f12;
const LAST_DRAFT = 0x7f17;

/** Other names than tls events have for the same versions: those of the parser that Suricata uses here. */
function versionName(version: number): string {
  const isDraft = version >= FIRST_DRAFT && version <= LAST_DRAFT;
  if (isDraft) return `Tls13Draft${version & 0xff}`;
  return VERSIONS[version] ?? `TlsVersion(${version} / 0x${version.toString(16)})`;
}
