import { describe, expect, it } from 'vitest';
import { refusalOf, sidsOf } from '../../support/alerts.js';
import { concat, ethernet, ipv4, udp } from '../../support/frames.js';
import { tcpTalk } from '../../support/talks.js';

const datagram = (payload: string) =>
  concat(ethernet(0x0800), ipv4(udp(Uint8Array.from(Buffer.from(payload, 'latin1'))), { protocol: 17 }));
const over = (options: string, payload: string) =>
  sidsOf(`alert udp any any -> any any (${options} sid:1;)`, [datagram(payload)]);

describe('keywords that calculate', () => {
  it('keep what comes out, in 64 bits without a sign', () => {
    const math = (text: string) =>
      over(`byte_math:bytes 1, offset 0, ${text}, result it; byte_test:1,=,it,1;`, '\x06\x03');
    expect(math('oper -, rvalue 3')).toEqual([1]);
    expect(math('oper >>, rvalue 1')).toEqual([1]);
    expect(math('oper >>, rvalue 64')).toEqual([]);
    expect(math('oper /, rvalue 0')).toEqual([]);
    expect(math('oper +, rvalue 44, bitmask 0x30')).toEqual([1]);
    expect(over('byte_math:bytes 1, offset 0, oper -, rvalue 1, result it; byte_test:1,<,it,0;', '\x00')).toEqual([1]);
  });

  it('count in a flow, from packet to packet', () => {
    const rules = `alert udp any any -> any any (flowint:seen,+,2; noalert; sid:1;)
      alert udp any any -> any any (flowint:seen,==,4; sid:2;)
      alert udp any any -> any any (flowint:other,isnotset; flowint:seen,>,4; sid:3;)`;
    expect(sidsOf(rules, ['a', 'a', 'a'].map(datagram))).toEqual([2, 3]);
  });

  it('decode Base64 as far as it goes', () => {
    const rule = 'content:"Basic "; base64_decode:bytes 12, relative; base64_data; content:"a:b"; startswith;';
    expect(over(rule, 'Basic YTpiYzpk\r\n')).toEqual([1]);
    expect(over(rule, 'Basic YTpiYzpk\r\n'.replace('YTpi', 'YTp-'))).toEqual([]);
    expect(over(rule, 'Basic ')).toEqual([]);
    const both = 'content:"Basic "; base64_decode:relative; base64_data; content:"a:b"; pkt_data; content:"end";';
    expect(over(both, 'Basic YTpi end')).toEqual([1]);
    expect(over(both, 'Basic YTpi')).toEqual([]);
  });

  it.each([
    ['byte_math:bytes 1, offset 0, oper %, rvalue 3, result it;', '% is no operator'],
    ['byte_math:bytes 1, offset 0, oper +, rvalue 3;', 'the name of a result'],
    ['byte_math:bytes 1, offset 0, oper +, rvalue nope, result it;', 'nope is neither'],
    ['byte_math:bytes 1, offset 0, oper +, result it;', 'byte_math needs rvalue'],
    ['byte_math:bytes 1, offset 0, oper +, rvalue 1, result it, endian middle;', 'endian middle is none of'],
    ['flowint:a,=,1;', 'flowint: a,=,1'],
    ['flowint:abc,%,1;', 'flowint: abc,%,1'],
    ['flowint:abc,=;', '= needs a value'],
    ['flowint:abc,=,4294967296;', 'is more than'],
    ['hostbits:set,abc,both;', 'both is neither src nor dst'],
    ['hostbits:isset;', 'without a name'],
    ['base64_decode:lines 3; base64_data; content:"a";', 'lines is no option'],
    ['base64_decode:bytes x; base64_data; content:"a";', 'bytes: x is no whole number'],
    ['base64_decode:bytes 3;', 'without base64_data'],
    ['base64_data; content:"a";', 'without base64_decode'],
    ['content:"a"; base64_decode:bytes 3; base64_data; to_md5;', 'to_md5 without a sticky buffer'],
    ['requires: version >= 8;', 'requires version >= 8, and this is'],
    ['requires: feature geoip;', 'requires feature geoip'],
    ['requires: keyword geoip;', 'requires keyword geoip'],
    ['requires: version newest;', 'requires: version newest'],
    ['geoip:src,CN;', 'keyword geoip: no database'],
    ['replace:"abc";', 'keyword replace: packets are listened to'],
    ['smb.share; content:"a";', 'keyword smb.share: smb is not parsed here'],
    ['http.host; xor:"0g"; content:"a";', 'xor: 0g'],
    ['http.host; pcrexform:"(a"; content:"a";', 'pcre: '],
    ['tls.version:1.9;', '1.9 is no version'],
    ['ssl_version:tls9;', 'tls9 is none of'],
    ['ssl_state:asleep;', 'asleep is none of'],
    ['tls_cert_notafter:<soon;', 'soon is no date'],
    ['http.host; content:"Evil";', 'http.host is in lower case'],
    ['ssh.softwareversion:x;', 'use ssh.software'],
    ['uricontent:abc;', 'not in quotes'],
    ['filesize:x;', 'x: no condition'],
  ])('are refused with the reason: %s', (options, reason) => {
    expect(refusalOf(options)).toContain(reason);
  });

  it.each([
    'requires: version >= 7.0.3 < 8;',
    'requires: version>=7;',
    'requires: version >= 8 | >= 7.0.1;',
    'prefilter;',
  ])('are content with what there is: %s', (options) => expect(refusalOf(options)).toBeUndefined());
});

describe('keywords about files', () => {
  const request = 'POST /up/load.php HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\n';
  const form = '--x\r\nContent-Disposition: form-data; name="f"; filename="Evil.EXE"\r\n\r\nMZ\r\n--x--\r\n';
  const response =
    'HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=report.pdf\r\nContent-Length: 4\r\n\r\n%PDF';

  it('know the names that forms and responses give, and whole sizes', () => {
    const rules = `alert http any any -> any any (fileext:"exe"; sid:1;)
      alert http any any -> any any (filename:"evil"; sid:2;)
      alert http any any -> any any (file.name; content:"report.pdf"; bsize:10; sid:3;)
      alert http any any -> any any (filesize:4; sid:4;)
      alert http any any -> any any (fileext:"php"; sid:5;)`;
    const frames = tcpTalk([
      ['>', `${request}Content-Length: ${form.length}\r\n\r\n${form}`],
      ['<', response],
    ]);
    expect(sidsOf(rules, frames)).toEqual([1, 2, 3, 4]);
  });
});

describe('the envelope of a message', () => {
  it('is in the buffers of SMTP', () => {
    const rules = `alert smtp any any -> any any (smtp.helo; content:"me"; bsize:2; sid:1;)
      alert smtp any any -> any any (smtp.mail_from; content:"a@b"; sid:2;)
      alert smtp any any -> any any (smtp.rcpt_to; content:"second@"; sid:3;)
      alert smtp any any -> any any (smtp.rcpt_to; content:"third@"; sid:4;)`;
    const said = 'EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<first@c>\r\nRCPT TO:<second@c>\r\n';
    expect(sidsOf(rules, tcpTalk([['>', said]]))).toEqual([1, 2, 3]);
  });
});
