import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { LiveStream } from '../api/stream.js';
import { useActiveAccount } from '../features/session/queries.js';

/** The page's one live stream, for as long as the shell is shown. It tells of one account: another one needs it anew. */
export function useLiveStream(): LiveStream {
  const queries = useQueryClient();
  const accountId = useActiveAccount()?.id;
  const [stream] = useState(() => new LiveStream(queries));
  useEffect(() => {
    stream.start();
    return () => stream.stop();
  }, [stream, accountId]);
  return stream;
}
