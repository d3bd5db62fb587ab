/** The hub's rule for new passwords, told before it is asked. */
export const shortestPassword = 8;
