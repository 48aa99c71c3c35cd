// A consumer's choices over all lanes of a tap: a selection for each, and the filter, which the tap compiles for one link
// type after the other, as they turn up.

import type { Connection } from '../control/connection.js';
import type { ProgramReply } from '../control/messages.js';
import { TapError } from '../errors.js';
import type { InterfaceInfo } from '../packet/interface.js';
import { Linktype, linktypeName } from '../packet/linktype.js';
import { FilterCompiler } from './filter-compiler.js';
import { type Choices, type Membership, Selection } from './selection.js';

/** 802.11 with a radiotap header. */
const RADIOTAP = 127;

/** While no interface is known: a filter that suits neither of these, but some other link type, is rare. */
const PROBED = [Linktype.ethernet, RADIOTAP];

/** What a consumer wants of its tap. */
export class Choosing {
  /** One for each lane; none: everything is wanted. */
  readonly selections: readonly Selection[];
  readonly #choices: Choices;
  readonly #compiler: FilterCompiler | undefined;
  readonly #warn: (message: string) => void;

  /** `rings`: the lanes' whole mappings. `membership`: of a share group's member. */
  constructor(
    rings: readonly ArrayBuffer[],
    membership: Membership | undefined,
    choices: Choices,
    connection: Connection,
    warn: (message: string) => void,
  ) {
    const { share, filter, interfaces, sample, snaplen } = choices;
    const isAll = [share, filter, interfaces, sample, snaplen].every((choice) => choice === undefined);
    this.selections = isAll ? [] : rings.map((ring) => new Selection(ring, choices));
    if (membership !== undefined) for (const [lane, each] of this.selections.entries()) each.join(membership, lane);
    this.#choices = choices;
    this.#compiler = filter === undefined ? undefined : new FilterCompiler(connection, filter);
    this.#warn = warn;
  }

  /**
   * Before the first packet: compiles the filter for the interfaces that there are. Throws ERR_TAP_BAD_FILTER if it suits
   * none of them; what suits only some, and names that no interface has so far, are warned of.
   */
  async prepare(known: readonly InterfaceInfo[]): Promise<void> {
    this.#warnOfUnknown(known);
    if (this.#compiler === undefined) return;
    const linktypes = new Set(known.length > 0 ? known.map(({ linktype }) => linktype) : PROBED);
    const problems: { linktype: number; problem: string }[] = [];
    for (const linktype of linktypes) {
      const problem = await this.#compile(linktype);
      if (problem !== undefined) problems.push({ linktype, problem });
    }
    if (problems.length === linktypes.size) throw new TapError('ERR_TAP_BAD_FILTER', problems[0]!.problem);
    if (known.length > 0) for (const { linktype, problem } of problems) this.#warnOf(linktype, problem);
  }

  /** Compiles the filter for link types that have turned up. */
  async decide(undecided: readonly InterfaceInfo[]): Promise<void> {
    for (const linktype of new Set(undecided.map((each) => each.linktype))) {
      const problem = await this.#compile(linktype);
      if (problem !== undefined) this.#warnOf(linktype, problem);
    }
  }

  onProgram(reply: ProgramReply): void {
    this.#compiler?.onProgram(reply);
  }

  /** The connection has closed. */
  onClose(): void {
    this.#compiler?.onClose();
  }

  /** Why it can't be compiled: then none of these packets match. */
  async #compile(linktype: number): Promise<string | undefined> {
    const compiled = await this.#compiler!.compile(linktype);
    const program = 'program' in compiled ? compiled.program : undefined;
    for (const selection of this.selections) selection.setProgram(linktype, program);
    return 'problem' in compiled ? compiled.problem : undefined;
  }

  #warnOf(linktype: number, problem: string): void {
    this.#warn(`no packet of link type ${linktypeName(linktype)} is selected: ${problem}`);
  }

  #warnOfUnknown(known: readonly InterfaceInfo[]): void {
    if (known.length === 0) return;
    const all = new Set<unknown>(known.flatMap(({ name, index }) => [name, index]));
    const unknown = this.#choices.interfaces?.filter((each) => !all.has(each)) ?? [];
    for (const each of unknown) this.#warn(`the tap has no interface ${each} so far`);
  }
}
