/** The forms that sign in: whoever is signed in already, or has just become so, goes on to where they wanted. */
import type { ReactNode } from 'react';
import { Navigate, useSearchParams } from 'react-router';
import { safeReturn } from '../../hub-api/sign-in-address.ts';
import { useSession } from '../hub/queries.ts';

export function WhenSignedOut({ children }: { readonly children: ReactNode }) {
  const session = useSession();
  const [parameters] = useSearchParams();
  return session.data ? <Navigate to={safeReturn(parameters.get('next'))} replace /> : children;
}
