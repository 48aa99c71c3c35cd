// Why a rule can't be loaded.

/** Thrown by the parts of the parser with the reason in a few words; caught where rules are read, which goes on. */
export class RuleProblem extends Error {}
