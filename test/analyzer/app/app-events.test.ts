// Events of application layers, each by a talk made for it: names are Suricata's.

import { describe, expect, it } from 'vitest';
import { BothWays } from '../../../src/analyzer/app/both-ways.js';
import { parseRules } from '../../../src/analyzer/rules/rule-file.js';
import { talk } from '../../support/app-talk.js';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n';
const OK = 'HTTP/1.1 200 OK\r\n';

describe('events of HTTP', () => {
  it.each([
    ['missing_host_header', 'GET / HTTP/1.1\r\n\r\n'],
    ['host_header_ambiguous', 'GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['request_uri_host_invalid', 'CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['request_header_host_invalid', 'GET / HTTP/1.1\r\nHost: a..b\r\n\r\n'],
    ['invalid_server_port_in_request', 'GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n'],
    ['invalid_authority_port', 'GET http://a:x/ HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['request_auth_unrecognized', `${GET}Authorization: NTLM abc\r\n\r\n`],
    ['duplicate_content_length_field_in_request', `${GET}Content-Length: 0\r\nContent-Length: 0\r\n\r\n`],
    ['invalid_transfer_encoding_value_in_request', `${GET}Transfer-Encoding: odd\r\n\r\n`],
    ['method_delim_non_compliant', 'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['uri_delim_non_compliant', 'GET /\tHTTP/1.1\r\nHost: a\r\n\r\n'],
    ['invalid_request_field_folding', 'GET / HTTP/1.1\r\n folded\r\nHost: a\r\n\r\n'],
  ])('are told of requests: %s', (event, request) => {
    expect(talk([['>', request]]).anomalies).toContain(`http ${event}`);
  });

  it.each([
    ['response_invalid_protocol', 'HTTP/11 200 OK\r\n\r\n'],
    ['response_invalid_status', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['response_multipart_byteranges', `${OK}Content-Type: multipart/byteranges\r\nContent-Length: 0\r\n\r\n`],
    ['response_chunked_old_proto', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['invalid_transfer_encoding_value_in_response', `${OK}Transfer-Encoding: odd\r\n\r\n`],
    ['duplicate_content_length_field_in_response', `${OK}Content-Length: 0\r\nContent-Length: 0\r\n\r\n`],
    ['abnormal_ce_header', `${OK}Content-Encoding: odd\r\nContent-Length: 0\r\n\r\n`],
    ['too_many_encoding_layers', `${OK}Content-Encoding: gzip, gzip, gzip\r\nContent-Length: 0\r\n\r\n`],
    ['range_invalid', `${OK}Content-Range: bytes 9-3/*\r\nContent-Length: 0\r\n\r\n`],
    ['100_continue_already_seen', 'HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 100 Go\r\n\r\n'],
  ])('are told of responses: %s', (event, response) => {
    expect(
      talk([
        ['>', `${GET}\r\n`],
        ['<', response],
      ]).anomalies,
    ).toContain(`http ${event}`);
  });

  it('are none of a request and a response without fault', () => {
    const { anomalies } = talk([
      ['>', `${GET}Authorization: Basic abc\r\n\r\n`],
      ['<', `${OK}Content-Length: 0\r\n\r\n`],
    ]);
    expect(anomalies).toEqual([]);
  });
});

describe('events of other layers', () => {
  it('are told of lines before the banner of SSH', () => {
    const told = talk([
      ['>', 'SSH-2.0-client\r\n'],
      ['<', 'hello\r\nSSH-2.0-server\r\n'],
    ]);
    expect(told.anomalies).toContain('ssh invalid_banner');
  });

  it.each([
    [
      'no_server_welcome_message',
      [
        ['>', 'EHLO a\r\n'],
        ['<', '554 no\r\n'],
      ],
    ],
    [
      'unable_to_match_reply_with_request',
      [
        ['>', 'EHLO a\r\n'],
        ['<', '220 a\r\n250 b\r\n250 c\r\n'],
      ],
    ],
    ['max_command_line_len_exceeded', [['>', `EHLO a\r\n${'x'.repeat(3000)}\r\n`]]],
  ] as const)('are told of SMTP: %s', (event, lines) => {
    expect(talk(lines.map(([way, text]) => [way, text])).anomalies).toContain(`smtp ${event}`);
  });
});

describe('a connection whose directions speak differently', () => {
  const bytes = (text: string) => Buffer.from(text);

  it('is told of when only one of them is recognised', () => {
    const judge = new BothWays('http');
    expect(judge.take(0, bytes('WEIRD / HTTP/1.1'))).toBeUndefined();
    expect(judge.take(1, bytes('HTTP/1.1 200 OK'))).toBe('applayer_detect_protocol_only_one_direction');
  });

  it('is told of when they are recognised as two protocols', () => {
    const judge = new BothWays('http');
    expect(judge.take(0, bytes('GET / HTTP/1.1'))).toBeUndefined();
    expect(judge.take(1, bytes('SSH-2.0-server'))).toBe('applayer_mismatch_protocol_both_directions');
    expect(judge.isDecided).toBe(true);
  });

  it.each([
    ['HTTP/1.1 200 OK', undefined],
    ['HTTP is not spoken here', 'applayer_detect_protocol_only_one_direction'],
  ])('is told of as soon as it is certain, however the bytes come: %s', (answer, expected) => {
    const judge = new BothWays('http');
    judge.take(0, bytes('GET / HTTP/1.1'));
    const told = [...answer].map((char) => judge.take(1, bytes(char)));
    expect(told.filter((event) => event !== undefined)).toEqual(expected === undefined ? [] : [expected]);
    expect(judge.isDecided).toBe(true);
  });

  it('is not told of when they agree', () => {
    const judge = new BothWays('ssh');
    expect([judge.take(0, bytes('SSH-2.0-a')), judge.take(1, bytes('SSH-2.0-b'))]).toEqual([undefined, undefined]);
  });
});

describe('rules that wait for events', () => {
  it.each([
    ['app-layer-event:http.mumble', 'app-layer-event: http.mumble is not told here'],
    ['stream-event:mumble', 'stream-event: mumble is not told here'],
    ['decode-event:vntag.unknown_type', 'decode-event: vntag.unknown_type is not told here'],
    ['stream-event', 'stream-event needs a value'],
  ])('are refused if nobody tells of it: %s', (keyword, reason) => {
    const { refused } = parseRules(`alert ip any any -> any any (${keyword}; sid:1;)`, 'events.rules');
    expect(refused).toMatchObject([{ file: 'events.rules', line: 1, reason }]);
  });

  it('are loaded if Suricata tells of it only where it is in the way of packets', () => {
    const rule = 'drop tcp any any -> any any (flow:to_client; stream-event:3whs_ack_data_inject; sid:1;)';
    expect(parseRules(rule, 'events.rules').refused).toEqual([]);
  });
});
