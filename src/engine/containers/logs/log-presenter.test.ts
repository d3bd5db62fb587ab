import { describe, expect, test } from 'bun:test';
import { unframe } from '../../../../tests/support/running-engine.ts';
import { LogPresenter, type LogView } from './log-presenter.ts';

const at = (second: string): string => `2026-11-23T14:20:${second}.123456789+00:00`;
const view: LogView = { stdout: true, stderr: true, tty: false };

function present(text: string, options: Partial<LogView> = {}): { stdout: string; stderr: string } {
  const bytes = new LogPresenter({ ...view, ...options }).present(new TextEncoder().encode(text));
  return unframe(Buffer.from(bytes));
}

describe('the lines of a log', () => {
  const log = `${at('01')} stdout F one\n${at('02')} stderr F a  b\n${at('03')} stdout F \n`;

  test('are framed by stream, with their newlines', () => {
    expect(present(log)).toEqual({ stdout: 'one\n\n', stderr: 'a  b\n' });
    expect(present(log, { stderr: false })).toEqual({ stdout: 'one\n\n', stderr: '' });
  });

  test('are without frames for a terminal, long ones too', () => {
    const long = 'x'.repeat(5000);
    const text = `${at('01')} stdout F ${long}\r\n`;
    const bytes = new LogPresenter({ ...view, tty: true }).present(new TextEncoder().encode(text));
    expect(new TextDecoder().decode(bytes)).toBe(`${long}\r\n`);
  });

  test('have a time and details before each, once for a line in pieces', () => {
    const pieces = `${at('01')} stdout P on${'e'.repeat(40)}\n${at('01')} stderr F x\n${at('02')} stdout F .\n`;
    const { stdout, stderr } = present(pieces, { timestamps: true, details: 'a=b ' });
    expect(stdout).toBe(`2026-11-23T14:20:01.123456789Z a=b on${'e'.repeat(40)}.\n`);
    expect(stderr).toBe('2026-11-23T14:20:01.123456789Z a=b x\n');
  });

  test('are those between since and until, to the nanosecond', () => {
    expect(present(log, { since: '2026-11-23T14:20:02.123456789' }).stdout).toBe('\n');
    expect(present(log, { since: '2026-11-23T14:20:02.123456790' }).stderr).toBe('');
    const presenter = new LogPresenter({ ...view, until: '2026-11-23T14:20:01.123456789' });
    const bytes = presenter.present(new TextEncoder().encode(log));
    expect(unframe(Buffer.from(bytes))).toEqual({ stdout: 'one\n', stderr: '' });
    expect(presenter.isDone).toBe(true);
  });

  test('show their times in UTC with nine digits', () => {
    const text = '2026-11-23T16:20:56.12+02:00 stdout F x\n';
    expect(present(text, { timestamps: true }).stdout).toBe('2026-11-23T14:20:56.120000000Z x\n');
  });

  test.each(['', '\n', 'x\n', `${at('01')} stdout\n`])('are left out when torn: %p', (text) => {
    expect(present(`${text}${at('02')} stdout F next\n`).stdout).toBe('next\n');
  });
});
