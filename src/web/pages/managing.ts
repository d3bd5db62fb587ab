/** The pages with forms, and those few people open: one part of the program, loaded with the first of them. See on-demand.ts. */
export { AccountSettingsPage } from './account-settings.tsx';
export { ApiPage } from './api.tsx';
export { CreateRepositoryPage } from './create-repository.tsx';
export { FinishSignInPage } from './finish-sign-in.tsx';
export { ResetPasswordPage } from './reset-password.tsx';
export { SignInPage } from './sign-in.tsx';
export { SignUpPage } from './sign-up.tsx';
