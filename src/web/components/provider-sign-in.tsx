/** The way to the provider, for the forms that sign in and up, and what came of it where it failed. */
import { Alert, Button, Divider } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { safeReturn, signInByProviderPath, signInFailures } from '../../hub-api/sign-in-address.ts';
import { useSignInMethods } from '../hub/provider.ts';

/** Nothing where the hub has no provider. */
export function ProviderButton() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const methods = useSignInMethods();
  if (!methods.data?.provider) return null;
  const next = safeReturn(search.get('next'));
  return (
    <>
      <Button
        component="a"
        href={signInByProviderPath(next, search.get('invitation') ?? undefined)}
        variant={methods.data.password ? 'default' : 'filled'}
      >
        {t('signIn.byProvider', { provider: methods.data.provider.name })}
      </Button>
      {methods.data.password && <Divider label={t('signIn.or')} />}
    </>
  );
}

/** Why the provider's answer did not sign in, in words of ours: what stands in the address is anybody's. */
export function ProviderFailure() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const failure = signInFailures.find((each) => each === search.get('failure'));
  return (
    failure && (
      <Alert color="red" variant="light" role="alert">
        {t(`signInFailure.${failure}`)}
      </Alert>
    )
  );
}
