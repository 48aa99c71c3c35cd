// The variables of rules, `$HOME_NET` and its like. Names and defaults are those of Suricata's configuration.

import { RuleProblem } from './problem.js';

/** Variables by name, without the dollar sign. */
export type Variables = Readonly<Record<string, string>>;

/** What a variable stands for that nobody set. */
export const DEFAULT_VARIABLES: Variables = {
  HOME_NET: '[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12]',
  EXTERNAL_NET: '!$HOME_NET',
  HTTP_SERVERS: '$HOME_NET',
  SMTP_SERVERS: '$HOME_NET',
  SQL_SERVERS: '$HOME_NET',
  DNS_SERVERS: '$HOME_NET',
  TELNET_SERVERS: '$HOME_NET',
  AIM_SERVERS: '$EXTERNAL_NET',
  DC_SERVERS: '$HOME_NET',
  DNP3_SERVER: '$HOME_NET',
  DNP3_CLIENT: '$HOME_NET',
  MODBUS_CLIENT: '$HOME_NET',
  MODBUS_SERVER: '$HOME_NET',
  ENIP_CLIENT: '$HOME_NET',
  ENIP_SERVER: '$HOME_NET',
  HTTP_PORTS: '80',
  SHELLCODE_PORTS: '!80',
  ORACLE_PORTS: '1521',
  SSH_PORTS: '22',
  DNP3_PORTS: '20000',
  MODBUS_PORTS: '502',
  FILE_DATA_PORTS: '[$HTTP_PORTS,110,143]',
  FTP_PORTS: '21',
  GENEVE_PORTS: '6081',
  VXLAN_PORTS: '4789',
  TEREDO_PORTS: '3544',
};

/** The variable's text. Throws a RuleProblem if nobody set it and it has no default. */
export function variableIn(variables: Variables, name: string): string {
  const value = Object.hasOwn(variables, name) ? variables[name] : DEFAULT_VARIABLES[name];
  if (value === undefined) throw new RuleProblem(`$${name} is not set: --set ${name}=…`);
  return value.replace(/\s+/g, '');
}
