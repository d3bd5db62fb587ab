/** What a hub or an engine counts, read as Prometheus reads it. */
import type { HubFixture } from './hub-fixture.ts';

export class Metrics {
  readonly text: string;

  /** @param text of `/metrics`. */
  constructor(text: string) {
    this.text = text;
  }

  static async of(hub: HubFixture): Promise<Metrics> {
    return new Metrics(await (await hub.send('GET', '/metrics')).text());
  }

  /** The sum of all series of this name that have these labels; 0 where there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return this.series(name)
      .filter(({ labels: found }) => wanted.every((each) => found.includes(each)))
      .reduce((sum, { value }) => sum + value, 0);
  }

  series(name: string): readonly { readonly labels: string; readonly value: number }[] {
    const lines = this.text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm);
    return [...lines]
      .filter(([, found]) => found === name)
      .map(([, , labels = '', value]) => ({ labels, value: Number(value) }));
  }

  /** Of everything that is counted. */
  get names(): ReadonlySet<string> {
    return new Set([...this.text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name));
  }
}
