import { describe, expect, it } from 'vitest';
import { sidsOf } from '../../support/alerts.js';
import { bufferText, say, start, talk } from '../../support/app-talk.js';
import { type Said, tcpTalk } from '../../support/talks.js';

const u16 = (value: number) => [value >> 8, value & 0xff];
const u24 = (value: number) => [value >> 16, ...u16(value & 0xffff)];
const sized = (bytes: number[]) => [...u16(bytes.length), ...bytes];
const extension = (type: number, body: number[]) => [...u16(type), ...sized(body)];
const message = (type: number, body: number[]) => [type, ...u24(body.length), ...body];
const record = (type: number, body: number[], version = 0x0303) =>
  Uint8Array.from([type, ...u16(version), ...sized(body)]);
const RANDOM = Array.from({ length: 32 }, (_, i) => i);

const NAME = [...Buffer.from('example.org')];
const GREASE = 0x2a2a;
const CLIENT_EXTENSIONS = [
  ...extension(GREASE, []),
  ...extension(0, sized([0, ...sized(NAME)])),
  ...extension(16, sized([2, 0x68, 0x32])),
  ...extension(10, sized([...u16(GREASE), ...u16(29)])),
  ...extension(11, [1, 0]),
  ...extension(13, sized([...u16(0x0403), ...u16(0x0804)])),
  ...extension(43, [4, ...u16(0x0304), ...u16(0x0303)]),
];
const CLIENT_HELLO = message(1, [
  ...[3, 3, ...RANDOM, 0],
  ...sized([...u16(GREASE), ...u16(0x1301), ...u16(0xc02f)]),
  ...[1, 0],
  ...sized(CLIENT_EXTENSIONS),
]);
const serverHello = (extensions: number[]) => message(2, [3, 3, ...RANDOM, 0, ...u16(0xc02f), 0, ...sized(extensions)]);
const DONE = record(20, [1]);

/** Made by openssl for this test: `/C=DE/O=Test, Inc./CN=example.org/emailAddress=a@b.c`, serial 0x80ff. */
const CERTIFICATE = [
  'MIIB4DCCAYagAwIBAgIDAID/MAoGCCqGSM49BAMCME4xCzAJBgNVBAYTAkRFMRMwEQYDVQQKDApUZXN0LCBJbmMuMRQwEgYDVQQD',
  'DAtleGFtcGxlLm9yZzEUMBIGCSqGSIb3DQEJARYFYUBiLmMwHhcNMjYxMTIxMDUwNDMyWhcNMzYxMTE4MDUwNDMyWjBOMQswCQYD',
  'VQQGEwJERTETMBEGA1UECgwKVGVzdCwgSW5jLjEUMBIGA1UEAwwLZXhhbXBsZS5vcmcxFDASBgkqhkiG9w0BCQEWBWFAYi5jMFkw',
  'EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVvMEwHaYQWqAJcfBEqNPWOcT8vLOz2BMzT1ZVIkHwHbjF4wNpNEe51Ben/D28UYRqd8X',
  'l55mV3EvWnKHBqpqdKNTMFEwHQYDVR0OBBYEFGcwKxbAHWNjcyUK0+UjuACqvFE4MB8GA1UdIwQYMBaAFGcwKxbAHWNjcyUK0+Uj',
  'uACqvFE4MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgbGcTsggo6bxWPwK0yhY4T62xFfgw5lYbQjqew/Mel5sC',
  'IQD0NwEgB+CxvVRUNL0/AJu5c9gUYP2CRWQeIaHvbNPTLw==',
].join('');

const der = Buffer.from(CERTIFICATE, 'base64');
const chain = message(11, [...u24(der.length + 3), ...u24(der.length), ...der]);
const HANDSHAKE: readonly Said[] = [
  ['>', record(22, CLIENT_HELLO, 0x0301)],
  ['<', record(22, [...serverHello([]), ...chain.slice(0, 100)])],
  ['<', record(22, chain.slice(100))],
  ['>', DONE],
  ['<', DONE],
];

describe('TLS', () => {
  it('is told with names, fingerprints and certificate', () => {
    const { events, app } = talk([...HANDSHAKE, ['>', record(23, [1])]]);
    const name = 'C=DE, O=Test, Inc., CN=example.org, Email=a@b.c';
    expect(events).toEqual([
      {
        tls: {
          subject: name,
          issuerdn: name,
          serial: '00:80:FF',
          fingerprint: '4d:cc:21:87:db:50:13:eb:85:ee:c5:62:66:c0:84:b3:6b:42:b9:63',
          notbefore: '2026-11-21T05:04:32',
          notafter: '2036-11-18T05:04:32',
          sni: 'example.org',
          version: 'TLS 1.2',
          ja3: { hash: expect.any(String) as string, string: '771,4865-49199,0-16-10-11-13-43,29,0' },
          ja3s: { hash: expect.any(String) as string, string: '771,49199,' },
          ja4: expect.stringMatching(/^t13d0206h2_[0-9a-f]{12}_[0-9a-f]{12}$/) as string,
        },
      },
    ]);
    expect(app.done).toBe(true);
  });

  it.each([1, 2, 7])('is the same in pieces of %i bytes', (pieceBytes) => {
    expect(talk(HANDSHAKE, { pieceBytes }).events).toEqual(talk(HANDSHAKE).events);
  });

  it('tells certificates apart that end in the same bytes', () => {
    const other = Buffer.from(der);
    other[other.indexOf(Buffer.from([0, 0x80, 0xff])) + 2] = 0xfe;
    const forged = message(11, [...u24(other.length + 3), ...u24(other.length), ...other]);
    const serials = [chain, forged, chain].map((certificates) => {
      const [hello, answer] = [record(22, CLIENT_HELLO), record(22, [...serverHello([]), ...certificates])];
      const { events } = talk([
        ['>', hello],
        ['<', answer],
        ['>', DONE],
        ['<', DONE],
      ]);
      return (events[0] as { tls: { serial: string } }).tls.serial;
    });
    expect(serials).toEqual(['00:80:FF', '00:80:FE', '00:80:FF']);
  });

  it('fills the buffers of rules', () => {
    const [tx] = talk(HANDSHAKE, { wantsBodies: true }).transactions;
    expect(bufferText(tx!, 'tls.sni', 0)).toBe('example.org');
    expect(bufferText(tx!, 'tls.cert_serial', 1)).toBe('00:80:FF');
    expect(Buffer.compare(tx!.buffers('tls.certs', 1)[0]!, der)).toBe(0);
    expect(bufferText(tx!, 'ja3.string', 0)).toMatch(/^771,/);
    expect(tx!.number('tls.version', 1)).toBe(0x0303);
    expect(tx!.buffers('tls.sni', 1)).toEqual([]);
  });

  it("has a client's certificate for rules, too", () => {
    const frames = tcpTalk([...HANDSHAKE.slice(0, 3), ['>', record(22, chain)], ['>', DONE], ['<', DONE]]);
    const rules = `alert tls any any -> any any (flow:to_server; tls.cert_subject; content:"CN=example.org"; sid:1;)
alert tls any any -> any any (flow:to_client; tls.certs; content:"example.org"; sid:2;)
alert tls any any -> any any (tls.cert_serial; content:"00:80:FF"; sid:3;)`;
    expect(sidsOf(rules, frames).sort()).toEqual([1, 2, 3, 3]);
  });

  it('of version 1.3 is over with the first encrypted record', () => {
    const { events, app } = talk([
      ['>', record(22, CLIENT_HELLO)],
      ['<', record(22, serverHello(extension(43, u16(0x0304))))],
      ['<', record(23, [1, 2, 3])],
    ]);
    expect(events).toMatchObject([{ tls: { version: 'TLS 1.3', sni: 'example.org' } }]);
    expect(app.done).toBe(true);
  });

  it('tells a client whom the server refuses', () => {
    const { events } = talk([
      ['>', record(22, CLIENT_HELLO)],
      ['<', record(21, [2, 40], 0x0302)],
    ]);
    expect(events).toMatchObject([{ tls: { version: 'TLS 1.1', sni: 'example.org' } }]);
  });

  it.each([
    ['a record of an unknown type', record(99, [1]), 'tls invalid_record_type'],
    ['a record of an unknown version', record(22, [1], 0x0505), 'tls invalid_record_version'],
    ['a message beyond all bounds', record(22, [11, 0xff, 0xff, 0xff, 0]), 'tls handshake_invalid_length'],
    ['a hello that is cut', record(22, message(2, [3, 3, 0])), 'tls invalid_handshake_message'],
  ])('does not go on behind %s', (_, bytes, anomaly) => {
    const told = start();
    say(told.app, 0, record(22, CLIENT_HELLO));
    say(told.app, 1, bytes);
    expect(told.anomalies).toEqual([anomaly]);
    told.app.close();
    expect(told.events).toMatchObject([{ tls: { sni: 'example.org' } }]);
  });

  it('reads no certificate that is none', () => {
    const { events } = talk([
      ['>', record(22, CLIENT_HELLO)],
      ['<', record(22, [...serverHello([]), ...message(11, [0, 0, 6, 0, 0, 3, 1, 2, 3])])],
    ]);
    expect(events).toMatchObject([{ tls: { version: 'TLS 1.2' } }]);
    expect(events[0]!.tls).not.toHaveProperty('subject');
  });
});
