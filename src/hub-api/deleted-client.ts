/** The part of the client that is about what was deleted and can be brought back. */
import { path, queryString } from './address.ts';
import type { RepositoryAddress } from './grants-client.ts';
import type { Sender } from './sender.ts';
import type { DeletedRepository, DeletedTag, Page, PageQuery, Repository, Tag } from './types.ts';

export class DeletedClient {
  readonly #hub: Sender;

  constructor(hub: Sender) {
    this.#hub = hub;
  }

  /** The newest first. */
  tags({ namespace, name }: RepositoryAddress, query: PageQuery = {}): Promise<Page<DeletedTag>> {
    const address = path`/v2/namespaces/${namespace}/repositories/${name}/deleted-tags`;
    return this.#hub.json('GET', address + queryString({ ...query }));
  }

  /** @throws ConflictError where there is a tag of its name again. */
  restoreTag({ namespace, name }: RepositoryAddress, id: string): Promise<Tag> {
    const address = path`/v2/namespaces/${namespace}/repositories/${name}/deleted-tags/${id}/restore`;
    return this.#hub.json('POST', address, {});
  }

  /** The newest first. */
  repositories(namespace: string, query: PageQuery = {}): Promise<Page<DeletedRepository>> {
    const address = path`/v2/namespaces/${namespace}/deleted-repositories`;
    return this.#hub.json('GET', address + queryString({ ...query }));
  }

  /** @param name another one, where its own is taken. @throws HubInputError when it is. */
  restoreRepository(namespace: string, id: string, name?: string): Promise<Repository> {
    const address = path`/v2/namespaces/${namespace}/deleted-repositories/${id}/restore`;
    return this.#hub.json('POST', address, name === undefined ? {} : { name });
  }
}
