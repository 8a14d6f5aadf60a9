import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { text } from '../../text/index.js';
import { safeNext } from './safe-next.js';
import { signupInfoQuery } from './queries.js';

interface ProviderButtonProps {
  /** The page to come back to: an address of the console. */
  readonly next: string | undefined;
}

const BASE = '/console';

/** Signs in with the company's OpenID provider, where the installation has one. */
export function ProviderButton({ next }: ProviderButtonProps) {
  const isOn = useQuery(signupInfoQuery).data?.oidc === true;
  if (!isOn) return null;
  const path = safeNext(next);
  const returnTo = path.startsWith(BASE) ? path : `${BASE}${path === '/' ? '' : path}`;
  return (
    <Button
      component="a"
      href={`/api/v1/oidc/start?${new URLSearchParams({ return_to: returnTo }).toString()}`}
      variant="default"
      size="md"
      fullWidth
      mt={12}
    >
      {text.session.withProvider}
    </Button>
  );
}
