import { describe, expect, test } from 'bun:test';
import { EventLog, type EngineEvent, matchesFilters } from './events.ts';

function published(log: EventLog): EngineEvent[] {
  return log.since(0);
}

describe('events', () => {
  test('of a container carry the old fields, too', () => {
    const log = new EventLog();
    log.publish('container', 'die', 'c1', { image: 'busybox', exitCode: '3' });
    expect(published(log)[0]).toMatchObject({
      status: 'die',
      id: 'c1',
      from: 'busybox',
      Type: 'container',
      Action: 'die',
      Actor: { ID: 'c1', Attributes: { exitCode: '3' } },
      scope: 'local',
    });
  });

  test('reach listeners until they leave, and are kept for later ones', () => {
    const log = new EventLog();
    const heard: string[] = [];
    const leave = log.subscribe((event) => heard.push(event.Action ?? ''));
    log.publish('image', 'pull', 'x');
    leave();
    log.publish('image', 'tag', 'x');
    expect(heard).toEqual(['pull']);
    expect(published(log)).toHaveLength(2);
  });

  test.each([
    [{ type: ['container'] }, true],
    [{ type: ['image'] }, false],
    [{ event: ['exec_create'] }, true],
    [{ event: ['exec_create: ls'] }, true],
    [{ container: ['web'] }, true],
    [{ container: ['c1'] }, true],
    [{ image: ['busybox'] }, true],
    [{ label: ['app=shop'] }, true],
    [{ label: ['app=bar'] }, false],
    [{ type: ['container'], event: ['die'] }, false],
  ])('%p lets a container event through: %p', (filters, isIn) => {
    const log = new EventLog();
    log.publish('container', 'exec_create: ls', 'c1', { name: 'web', image: 'busybox:1', app: 'shop' });
    const [event] = published(log);
    expect(event && matchesFilters(event, new Map(Object.entries(filters)))).toBe(isIn);
  });
});
