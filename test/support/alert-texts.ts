// Alerts of the analyzer and of Suricata in a form in which they can be compared.

import { shortAddress } from './addresses.js';
import type { EveEvent } from './analyzed.js';

/** Without ends: of a packet that is not IP. */
interface AlertEvent {
  readonly src_ip?: string;
  readonly src_port?: number;
  readonly dest_ip?: string;
  readonly dest_port?: number;
  readonly alert: { readonly signature_id: number; readonly signature: string };
}

/** `1 message from → to`, sorted, each as often as it was told. */
export function alertsOf(events: readonly EveEvent[]): string[] {
  const alerts = events.filter(({ event_type }) => event_type === 'alert') as unknown as AlertEvent[];
  return alerts
    .map(({ alert, src_ip, src_port, dest_ip, dest_port }) => {
      return `${alert.signature_id} ${alert.signature} ${endText(src_ip, src_port)} → ${endText(dest_ip, dest_port)}`;
    })
    .sort();
}

function endText(address = '', port?: number): string {
  return `${shortAddress(address)} ${port}`;
}
