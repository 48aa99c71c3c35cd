// A request and its response, filled as they come.

import type { EveWriter } from '../../eve/eve-writer.js';
import { type AppProtocol, Direction, type Transaction, type TransactionMemory } from '../app-types.js';
import { HttpBody } from './http-body.js';
import { httpBuffers } from './http-buffers.js';
import { writeHttp } from './http-eve.js';
import { HttpHeaders } from './http-headers.js';
import { authorityOf, type HttpHost, readHost } from './http-host.js';
import { Field } from './http-known-fields.js';
import type { HttpRequestLine, HttpStatusLine } from './http-lines.js';

export class HttpTransaction implements Transaction {
  readonly protocol: AppProtocol = 'http';
  readonly id: number;
  /** Undefined for a response whose request was not seen. */
  request: HttpRequestLine | undefined;
  response: HttpStatusLine | undefined;
  readonly requestHeaders = new HttpHeaders();
  responseHeaders = new HttpHeaders();
  readonly requestBody = new HttpBody();
  readonly responseBody = new HttpBody();
  /** By direction. */
  readonly headersComplete = [false, false];
  readonly complete = [false, false];
  notes?: TransactionMemory[];
  #namedHost: HttpHost | undefined;
  #isHostRead = false;

  constructor(id: number) {
    this.id = id;
  }

  /** The host asked for: by the URI where it says one, else by the Host field. Undefined before all fields are there. */
  get host(): HttpHost | undefined {
    if (this.request === undefined || !this.headersComplete[Direction.toServer]) return undefined;
    const { method, uri } = this.request;
    return readHost(authorityOf(method, uri)) ?? this.namedHost;
  }

  /** The host that the Host field names; read once all fields are there. */
  get namedHost(): HttpHost | undefined {
    if (!this.#isHostRead) this.#namedHost = readHost(this.requestHeaders.get(Field.host));
    this.#isHostRead = true;
    return this.#namedHost;
  }

  /** What was there of the response said only that the client may go on. */
  awaitResponse(): void {
    this.response = undefined;
    this.responseHeaders = new HttpHeaders();
    this.headersComplete[Direction.toClient] = false;
    this.notes?.[Direction.toClient]?.beginAnew();
  }

  isComplete(direction: number): boolean {
    return this.complete[direction]!;
  }

  buffers(name: string, direction: number): readonly Uint8Array[] {
    return httpBuffers(this, name, direction);
  }

  /** What can't be unpacked to its end is shown as it came. */
  onlyGrows(direction: number): boolean {
    return this.encoding(direction) === undefined;
  }

  letGo(): void {
    this.requestBody.letGo();
    this.responseBody.letGo();
  }

  /** `filesize`: bytes of a body that is there to the end. */
  number(name: string, direction: number): number | undefined {
    const body = this.body(direction);
    if (name !== 'filesize' || !this.complete[direction] || body.length === 0) return undefined;
    return body.size(this.encoding(direction));
  }

  /** How the body is compressed; undefined: it isn't. */
  encoding(direction: number): string | undefined {
    return direction === Direction.toClient ? this.responseHeaders.get(Field.contentEncoding) : undefined;
  }

  writeEve(out: EveWriter): void {
    writeHttp(out, this);
  }

  headers(direction: number): HttpHeaders {
    return direction === Direction.toServer ? this.requestHeaders : this.responseHeaders;
  }

  body(direction: number): HttpBody {
    return direction === Direction.toServer ? this.requestBody : this.responseBody;
  }
}
