// The capabilities of capabilities(7), by their numbers in the kernel's masks.

const NAMES = (
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service ' +
  'net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin ' +
  'sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override ' +
  'mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'
).split(' ');

/** Docker's default set has 14. */
const MANY = 14;

/** The mask with these capabilities alone. */
export function capabilityMask(...names: readonly string[]): bigint {
  return names.reduce((mask, name) => mask | (1n << BigInt(NAMES.indexOf(name))), 0n);
}

/** `net_raw, setuid`, or `none`; of more than a line holds, how many. */
export function capabilityText(mask: bigint): string {
  if (mask === 0n) return 'none';
  const numbers = [...mask.toString(2)].reverse().flatMap((digit, number) => (digit === '1' ? [number] : []));
  if (numbers.length > MANY) return `${numbers.length} of ${NAMES.length}`;
  return numbers.map((number) => NAMES[number] ?? `capability ${number}`).join(', ');
}
