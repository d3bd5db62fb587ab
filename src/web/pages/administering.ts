/** The pages of an administrator: one part of the program, loaded with the first of them. See on-demand.ts. */
export { AdministrationPage } from './administration.tsx';
