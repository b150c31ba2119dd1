// A page whose data could not be had: what is not there is said differently from what went wrong.
import { asApiError } from '../api/errors';
import { NotFound } from '../pages/NotFound';
import { ErrorNotice } from './ErrorNotice';
import { Page } from './Page';

interface FailureProps {
  readonly error: unknown;
  readonly onRetry: () => void;
}

export function Failure({ error, onRetry }: FailureProps) {
  if (asApiError(error).status === 404) return <NotFound />;
  return (
    <Page width="narrow">
      <ErrorNotice error={error} onRetry={onRetry} />
    </Page>
  );
}
