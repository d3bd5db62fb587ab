/** Two copies of the hub over one PostgreSQL and the same blobs. */
import { newPostgresDatabase } from './database-config.ts';
import { HubFixture } from './hub-fixture.ts';

export interface TwoCopies extends AsyncDisposable {
  readonly one: HubFixture;
  readonly other: HubFixture;
}

/**
 * @param settings that both have; without another one their database is new.
 * @param names as of HubFixture.
 */
export async function startTwoCopies(
  settings: Readonly<Record<string, string>> = {},
  ...names: readonly string[]
): Promise<TwoCopies> {
  await using stack = new AsyncDisposableStack();
  const common = {
    CAIS_HUB_DATABASE: settings['CAIS_HUB_DATABASE'] ?? (await newPostgresDatabase()),
    CAIS_HUB_DATABASE_POOL: '4',
    ...settings,
  };
  const one = stack.use(await HubFixture.createWith({ settings: common }, ...names));
  const other = stack.use(await one.over({}));
  const started = stack.move();
  return { one, other, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
