/** What the hub wrote into the document, so that the page need not ask: serving/document-facts.ts. */
import type { SignInMethods } from '../../hub-api/types.ts';

/** Undefined where the document has none. */
export function signInMethodsOfDocument(): SignInMethods | undefined {
  const content = document.querySelector('meta[name="sign-in-methods"]')?.getAttribute('content');
  return content ? (JSON.parse(content) as SignInMethods) : undefined;
}
