/** The part of the client that is about what the owner of a repository decides: its name, its categories, which tags never move. */
import { path } from './address.ts';
import type { RepositoryAddress } from './grants-client.ts';
import type { Sender } from './sender.ts';
import type {
  Category,
  ImmutableTagsRequest,
  MoveRepositoryRequest,
  Repository,
  VerifiedRule,
} from './types.ts';

export class RepositorySettingsClient {
  readonly #hub: Sender;

  constructor(hub: Sender) {
    this.#hub = hub;
  }

  /** All that a repository can be about. */
  categories(): Promise<readonly Category[]> {
    return this.#hub.json('GET', '/v2/categories');
  }

  /** @param slugs all that it has from here on. @throws HubInputError for too many. */
  setCategories(repository: RepositoryAddress, slugs: readonly string[]): Promise<Repository> {
    return this.#hub.json(
      'PATCH',
      below(repository, 'categories'),
      slugs.map((slug) => ({ slug })),
    );
  }

  /** @throws HubInputError for a rule that is none. */
  setImmutableTags(repository: RepositoryAddress, request: ImmutableTagsRequest): Promise<Repository> {
    return this.#hub.json('PATCH', below(repository, 'immutabletags'), request);
  }

  /** Which of its tags a rule would match. @throws HubInputError for a rule that is none. */
  verifyRule(repository: RepositoryAddress, regex: string): Promise<VerifiedRule> {
    return this.#hub.json('POST', below(repository, 'immutabletags/verify'), { regex });
  }

  /** Another name, another namespace, or both; the old name leads there. @throws HubInputError for a name that is taken. */
  move(repository: RepositoryAddress, request: MoveRepositoryRequest): Promise<Repository> {
    return this.#hub.json('POST', below(repository, 'move'), request);
  }
}

function below({ namespace, name }: RepositoryAddress, what: string): string {
  return path`/v2/namespaces/${namespace}/repositories/${name}` + `/${what}`;
}
