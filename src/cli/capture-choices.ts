// `capture -J` and `-L`: what a device can be asked for, in tcpdump's words.

import { type DeviceChoice, listLinktypes, listTimestampTypes } from '../source/device-choices.js';
import { print } from './output.js';

export interface ChoiceFlags {
  readonly listTimeStampTypes?: true;
  readonly listDataLinkTypes?: true;
  readonly monitorMode?: true;
}

/** Whether only a list was asked for. */
export function asksForChoices(flags: ChoiceFlags): boolean {
  return flags.listTimeStampTypes === true || flags.listDataLinkTypes === true;
}

/** Prints what is asked for, of each device. */
export async function printChoices(devices: readonly string[], flags: ChoiceFlags): Promise<void> {
  const lists = devices.flatMap((device) => [
    ...(flags.listTimeStampTypes ? [timestampTypes(device)] : []),
    ...(flags.listDataLinkTypes ? [linktypes(device, flags.monitorMode === true)] : []),
  ]);
  await print(lists.flatMap((lines) => lines.map((line) => `${line}\n`)).join(''));
}

function timestampTypes(device: string): string[] {
  const types = listTimestampTypes(device);
  if (types.length === 0) return [`Time stamp type cannot be set for ${device}`];
  return [`Time stamp types for ${device} (use option -j to set):`, ...types.map(choiceLine)];
}

function linktypes(device: string, monitor: boolean): string[] {
  const mode = monitor ? ' when in monitor mode' : '';
  return [
    `Data link types for ${device}${mode} (use option -y to set):`,
    ...listLinktypes(device, { monitor }).map(choiceLine),
  ];
}

function choiceLine({ name, description }: DeviceChoice): string {
  return `  ${name}${description === '' ? '' : ` (${description})`}`;
}
