// One thing that `pkttap doctor` looks at.

/** What a check found. `remedy`: something is lacking, and this line mends it. */
export interface Finding {
  readonly found: string;
  readonly remedy?: string;
}

/** Something that commands need. */
export interface Check {
  readonly subject: string;
  /** The commands that can't do their work without it. */
  readonly commands: readonly string[];
  /** Looks. What it throws is something lacking that nobody foresaw, and is shown as that. */
  look(): Finding;
}

/** A finding for the report. */
export interface Diagnosis extends Finding {
  readonly subject: string;
  readonly commands: readonly string[];
  readonly ok: boolean;
}

/** Looks, and never throws. */
export function diagnose({ subject, commands, look }: Check): Diagnosis {
  const finding = attempt(look);
  return { subject, commands, ok: finding.remedy === undefined, ...finding };
}

function attempt(look: () => Finding): Finding {
  try {
    return look();
  } catch (error) {
    return { found: error instanceof Error ? error.message : String(error), remedy: 'see the message' };
  }
}
