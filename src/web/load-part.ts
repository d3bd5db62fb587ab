/**
 * Parts of the pages that are loaded when they are needed. What a browser fetches while its network changes breaks, and the next try
 * works; a hub that was updated has parts of other names, which the document knows: so the document is loaded anew, once.
 */

/** In milliseconds: until a network that has changed is there again. */
const pause = 300;
/** In milliseconds: a page that was loaded anew so short ago is not again. */
const betweenReloads = 60_000;
const storageKey = 'cais.reloaded';

/** Asks once more. @throws what the second try did. */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch {
    await new Promise((resolve) => setTimeout(resolve, pause));
    return await load();
  }
}

/** For what is a page by itself: nothing that somebody typed is lost when the document is loaded anew. @throws when that did not help. */
export async function loadPage<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await loadPart(load);
  } catch (error) {
    if (!(await mayReload())) throw error;
    window.location.reload();
    return await new Promise<never>(() => undefined);
  }
}

/** Not where it was just done, nor while nobody answers: the browser's own page about that leads nowhere. */
async function mayReload(): Promise<boolean> {
  const last = Number(sessionStorage.getItem(storageKey) ?? 0);
  if (Date.now() - last < betweenReloads) return false;
  try {
    await fetch(window.location.href, { method: 'HEAD', cache: 'no-store' });
  } catch {
    return false;
  }
  sessionStorage.setItem(storageKey, String(Date.now()));
  return true;
}
