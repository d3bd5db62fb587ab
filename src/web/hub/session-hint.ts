/**
 * Whether this browser may hold a session. The session itself is an HttpOnly cookie that no script sees; this is only to spare
 * readers without an account a question whose answer is a 401.
 */
const storageKey = 'cais.session';

export function mayHaveSession(): boolean {
  return localStorage.getItem(storageKey) !== null;
}

export function rememberSession(): void {
  localStorage.setItem(storageKey, 'yes');
}

export function forgetSession(): void {
  localStorage.removeItem(storageKey);
}
