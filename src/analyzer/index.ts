// The analyzer and its rules, for whoever runs it elsewhere than on the command line.

export { Analyzer } from './analyzer.js';
export { DEFAULT_SETTINGS } from './rules/parse-rule.js';
export type { Rule } from './rules/rule.js';
export { joinRuleSets, parseRules } from './rules/rule-file.js';
