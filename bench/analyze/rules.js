// Rules to measure with, the same in every run: headers, protocols and keywords in about the proportions that public rule
// sets have them, contents put together from the captures' words, so that a content that is looked for first is found now
// and then, and the whole rule seldom.

import { makeRandom } from '../support/random.js';
import { word } from './words.js';

/** The variables of the rules, as Suricata's configuration has them. */
export const VARIABLES = {
  HOME_NET: '[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12]',
  EXTERNAL_NET: '!$HOME_NET',
};

/** @typedef {(below: number) => number} Random */

/** @type {[number, (random: Random) => string][]} kinds of rules, each so often of 100 */
const KINDS = [
  [24, httpUri],
  [9, httpHost],
  [8, httpHeader],
  [4, httpBody],
  [14, dnsQuery],
  [10, tlsSni],
  [3, tlsCertificate],
  [10, tcpContents],
  [6, tcpAnswer],
  [4, tcpPcre],
  [3, udpContents],
  [2, udpNumbers],
  [1, icmp],
  [1, synScan],
  [1, flowbits],
];

/** So many rules, one a line. @param {number} count */
export function makeRules(count) {
  const random = makeRandom(31_337);
  const lines = Array.from({ length: count }, (_, i) => {
    const text = pick(random)(random).replace('(', `(msg:"BENCH ${i + 1}"; `);
    return text.replace(/\)$/, `classtype:trojan-activity; sid:${i + 1}; rev:1;)`);
  });
  return `${lines.join('\n')}\n`;
}

/** By the shares of all kinds, which are 100 together. */
const BY_SHARE = KINDS.flatMap(([share, kind]) => Array.from({ length: share }, () => kind));

/** @param {Random} random */
function pick(random) {
  return BY_SHARE[random(BY_SHARE.length)];
}

/** @param {Random} random */
function httpUri(random) {
  const path = `http.method; content:"${random(4) === 0 ? 'POST' : 'GET'}"; http.uri; content:"/${word(random)}/"; fast_pattern;`;
  const more = [
    '',
    ` content:".php?id="; distance:0;`,
    ` content:"&q=${word(random)}"; distance:0;`,
    ` pcre:"/\\/[a-z]{4,12}\\.php\\?id=[0-9]{4}&/";`,
  ][random(4)];
  return `alert http ${OUTWARD} (flow:established,to_server; ${path}${more})`;
}

/** @param {Random} random */
function httpHost(random) {
  const name = random(2) === 0 ? `${word(random)}.${word(random)}.example` : `.${word(random)}${word(random)}.example`;
  return `alert http ${OUTWARD} (flow:established,to_server; http.host; content:"${name}"; endswith;)`;
}

/** @param {Random} random */
function httpHeader(random) {
  const agent = `http.user_agent; content:"${word(random)}/${random(10)}.${random(10)}"; startswith;`;
  const header = `http.header; content:"X-${word(random)}|3a 20|"; nocase; http.cookie; content:"session=${word(random)}";`;
  return `alert http ${OUTWARD} (flow:established,to_server; ${random(2) === 0 ? agent : header})`;
}

/** @param {Random} random */
function httpBody(random) {
  if (random(2) === 0) {
    const sent = `http.request_body; content:"token=${word(random)}"; fast_pattern; content:"user="; depth:5;`;
    return `alert http ${OUTWARD} (flow:established,to_server; ${sent})`;
  }
  const page = `http.stat_code; content:"200"; file.data; content:"${phrase(random, 3)}"; fast_pattern;`;
  return `alert http ${INWARD} (flow:established,to_client; ${page})`;
}

/** @param {Random} random */
function dnsQuery(random) {
  const name = random(3) === 0 ? `${word(random)}.${word(random)}.net` : `.${word(random)}${word(random)}.com`;
  const options = ['nocase;', 'nocase; endswith;', `pcre:"/^[a-z]{3,9}\\.[a-z0-9]{4,12}\\./";`][random(3)];
  return `alert dns $HOME_NET any -> any any (dns.query; content:"${name}"; ${options})`;
}

/** @param {Random} random */
function tlsSni(random) {
  const name = random(3) === 0 ? `${word(random)}.${word(random)}.example` : `${word(random)}${word(random)}.top`;
  return `alert tls ${OUTWARD} (flow:established,to_server; tls.sni; content:"${name}"; bsize:${name.length}; nocase;)`;
}

/** @param {Random} random */
function tlsCertificate(random) {
  const field = random(2) === 0 ? 'tls.cert_subject' : 'tls.cert_issuer';
  return `alert tls ${INWARD} (flow:established,to_client; ${field}; content:"${word(random)}.${word(random)}";)`;
}

/** @param {Random} random */
function tcpContents(random) {
  const ports = ['any', '[80,8080,9000]', '1024:', '!443'][random(4)];
  const second = `content:"${word(random)}"; distance:0; within:60;`;
  return `alert tcp $HOME_NET any -> $EXTERNAL_NET ${ports} (flow:established,to_server; content:"${phrase(random, 2)}"; ${second})`;
}

/** @param {Random} random */
function tcpAnswer(random) {
  const bytes = `|${hex(random)} ${hex(random)} ${hex(random)} 00 ${hex(random)}|`;
  const numbers = `content:"${bytes}"; byte_test:2,>,512,2,relative; isdataat:8,relative;`;
  const words = `content:"${phrase(random, 2)}"; nocase; content:!"${word(random)}"; distance:0; within:40;`;
  return `alert tcp ${INWARD} (flow:established,to_client; ${random(2) === 0 ? numbers : words})`;
}

/** @param {Random} random */
function tcpPcre(random) {
  const pattern = `pcre:"/${word(random)}\\s+(${word(random)}|${word(random)})[a-z ]{2,20}${word(random)}/i";`;
  return `alert tcp ${OUTWARD} (flow:established,to_server; content:"${phrase(random, 2)}"; ${pattern})`;
}

/** @param {Random} random */
function udpContents(random) {
  return `alert udp any any -> any [5001,1900,123] (content:"${phrase(random, 2)}"; threshold:type limit, track by_src, seconds 60, count 1;)`;
}

/** @param {Random} random */
function udpNumbers(random) {
  return `alert udp any any -> any !53 (dsize:>${100 + random(400)}; content:"|${hex(random)} ${hex(random)} ${hex(random)}|"; depth:40; byte_test:1,&,64,0,relative;)`;
}

/** @param {Random} random */
function icmp(random) {
  return `alert icmp any any -> $HOME_NET any (itype:8; dsize:>${600 + random(600)}; content:"${word(random)}";)`;
}

/** @param {Random} random */
function synScan(random) {
  const port = 20 + random(60_000);
  return `alert tcp any any -> $HOME_NET ${port} (flags:S,12; threshold:type both, track by_src, count 20, seconds 60;)`;
}

/** @param {Random} random */
function flowbits(random) {
  return `alert tcp ${OUTWARD} (flow:established,to_server; content:"${phrase(random, 2)}"; flowbits:set,bench.${random(20)};)`;
}

const OUTWARD = '$HOME_NET any -> $EXTERNAL_NET any';
const INWARD = '$EXTERNAL_NET any -> $HOME_NET any';

/** @param {Random} random @param {number} words */
function phrase(random, words) {
  return Array.from({ length: words }, () => word(random)).join(' ');
}

/** @param {Random} random */
function hex(random) {
  return random(256).toString(16).padStart(2, '0');
}
