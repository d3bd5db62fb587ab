/** The part of the client about signing in by a provider. The browser itself goes through `signInByProviderPath`. */
import { NotFoundError } from '../lib/errors.ts';
import type { Sender } from './sender.ts';
import type {
  Identity,
  LinkingIdentity,
  ProviderLinkRequest,
  ProviderSignUpRequest,
  ProviderStep,
  SignInMethods,
} from './types.ts';

export class ProviderClient {
  readonly #hub: Sender;

  constructor(hub: Sender) {
    this.#hub = hub;
  }

  signInMethods(): Promise<SignInMethods> {
    return this.#hub.json('GET', '/v2/auth/methods');
  }

  /** Whom the provider said this browser is of; undefined when nothing is left to ask, or it was too long ago. */
  async step(): Promise<ProviderStep | undefined> {
    try {
      return await this.#hub.json<ProviderStep>('GET', '/v2/auth/provider');
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  /** @throws HubInputError for the name, DeniedError without an invitation, NotFoundError when it was too long ago. */
  async signUp(request: ProviderSignUpRequest): Promise<void> {
    await this.#hub.send('POST', '/v2/auth/provider/sign-up', request);
  }

  /** @throws UnauthorizedError, HubInputError for the code, ConflictError when the account has another identity. */
  async linkByPassword(request: ProviderLinkRequest): Promise<void> {
    await this.#hub.send('POST', '/v2/auth/provider/link', request);
  }

  identity(): Promise<Identity> {
    return this.#hub.json('GET', '/v2/user/identity');
  }

  /** The answer is where the browser has to go. @throws HubInputError for a wrong password. */
  linkIdentity(password: string): Promise<LinkingIdentity> {
    return this.#hub.json('POST', '/v2/user/identity', { password });
  }

  /** @throws ConflictError where nothing else opens the account. */
  async unlinkIdentity(): Promise<void> {
    await this.#hub.send('DELETE', '/v2/user/identity');
  }
}
