// The protocols over TCP that are recognised, in the order in which they are tried: those with the most telling first bytes first.

import type { AppProtocolEntry } from './app-types.js';
import { DNS } from './dns/dns-parser.js';
import { HTTP } from './http/http-parser.js';
import { SMTP } from './smtp/smtp-parser.js';
import { SSH } from './ssh/ssh-parser.js';
import { TLS } from './tls/tls-parser.js';

export const PROTOCOLS: readonly AppProtocolEntry[] = [TLS, HTTP, SSH, SMTP, DNS];
