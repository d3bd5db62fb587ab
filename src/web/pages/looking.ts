/** The pages for who looks for an image and at it: one part of the program, loaded with the first of them. See on-demand.ts. */
export { AccountPage } from './account.tsx';
export { RepositoryPage } from './repository.tsx';
export { SearchPage } from './search.tsx';
export { TagChangesPage } from './tag-changes.tsx';
export { TagFilesPage } from './tag-files.tsx';
export { TagPage } from './tag.tsx';
