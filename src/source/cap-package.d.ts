// The part of cap that is used here; the package brings no types.
declare module 'cap' {
  import { EventEmitter } from 'node:events';

  export interface CapAddress {
    readonly addr?: string;
    readonly netmask?: string;
  }

  export interface CapDevice {
    readonly name: string;
    readonly description?: string;
    readonly flags?: 'PCAP_IF_LOOPBACK';
    readonly addresses: readonly CapAddress[];
  }

  export class Cap extends EventEmitter {
    static deviceList(): CapDevice[];
    /** Each packet is copied to the buffer's beginning. Returns a name for the link type. Throws libpcap's words. */
    open(device: string, filter: string, bufferBytes: number, buffer: Buffer): string;
    on(event: 'packet', listener: (bytes: number, truncated: boolean) => void): this;
    close(): boolean;
  }
}
