// The events of application layers that somebody here tells, by Suricata's names of them, as rules ask for them.

/** By protocol; those of connections as a whole have none. */
const EVENTS: Readonly<Record<string, readonly string[]>> = {
  dns: ['malformed_data', 'not_request', 'not_response', 'z_flag_set', 'invalid_opcode'],
  http: [
    '100_continue_already_seen',
    'abnormal_ce_header',
    'duplicate_content_length_field_in_request',
    'duplicate_content_length_field_in_response',
    'host_header_ambiguous',
    'invalid_authority_port',
    'invalid_content_length_field_in_request',
    'invalid_content_length_field_in_response',
    'invalid_request_chunk_len',
    'invalid_request_field_folding',
    'invalid_response_field_folding',
    'invalid_server_port_in_request',
    'method_delim_non_compliant',
    'invalid_response_chunk_len',
    'invalid_transfer_encoding_value_in_request',
    'invalid_transfer_encoding_value_in_response',
    'missing_host_header',
    'range_invalid',
    'request_auth_unrecognized',
    'request_field_missing_colon',
    'request_header_host_invalid',
    'request_line_leading_whitespace',
    'request_uri_host_invalid',
    'request_field_too_long',
    'request_too_many_headers',
    'response_abnormal_transfer_encoding',
    'response_chunked_old_proto',
    'response_field_missing_colon',
    'response_field_too_long',
    'response_invalid_protocol',
    'response_invalid_status',
    'response_multipart_byteranges',
    'response_too_many_headers',
    'too_many_encoding_layers',
    'unable_to_match_response_to_request',
    'uri_delim_non_compliant',
  ],
  tls: [
    'invalid_record_type',
    'invalid_record_version',
    'invalid_tls_header',
    'invalid_handshake_message',
    'dataleak_heartbeat_mismatch',
    'handshake_invalid_length',
    'invalid_heartbeat_message',
    'invalid_sni_length',
    'invalid_sni_type',
    'multiple_sni_extensions',
    'overflow_heartbeat_message',
  ],
  ssh: ['invalid_banner', 'invalid_record', 'long_banner'],
  smtp: [
    'data_command_rejected',
    'duplicate_fields',
    'invalid_reply',
    'max_command_line_len_exceeded',
    'max_reply_line_len_exceeded',
    'no_server_welcome_message',
    'tls_rejected',
    'unable_to_match_reply_with_request',
  ],
  dhcp: ['truncated_options'],
  quic: ['error_on_data', 'failed_decrypt', 'crypto_frag_too_long'],
};

const OF_CONNECTIONS: readonly string[] = [
  'applayer_detect_protocol_only_one_direction',
  'applayer_mismatch_protocol_both_directions',
  'applayer_no_tls_after_starttls',
];

/** Whether anybody tells of it: `http.missing_host_header`, `applayer_…`. */
export function isAppEvent(name: string): boolean {
  const [protocol = '', event] = name.split('.');
  return event === undefined ? OF_CONNECTIONS.includes(name) : EVENTS[protocol]?.includes(event) === true;
}
