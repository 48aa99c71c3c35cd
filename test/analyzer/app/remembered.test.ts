import { describe, expect, it } from 'vitest';
import { Remembered } from '../../../src/analyzer/app/remembered.js';

describe('what is remembered', () => {
  it('is the newest, in bounded number', () => {
    const remembered = new Remembered<number>();
    for (let i = 0; i < 3000; i++) expect(remembered.set(`${i}`, i)).toBe(i);
    expect(remembered.get('2999')).toBe(2999);
    expect(remembered.get('1976')).toBe(1976);
    expect(remembered.get('1975')).toBeUndefined();
  });

  it('changes without another being forgotten', () => {
    const remembered = new Remembered<number>();
    for (let i = 0; i < 1024; i++) remembered.set(`${i}`, i);
    remembered.set('5', -5);
    expect(remembered.get('5')).toBe(-5);
    expect(remembered.get('0')).toBe(0);
  });

  it('is not by long texts, which would take memory', () => {
    const remembered = new Remembered<number>();
    const long = 'a'.repeat(3000);
    expect(remembered.set(long, 1)).toBe(1);
    expect(remembered.get(long)).toBeUndefined();
  });
});
