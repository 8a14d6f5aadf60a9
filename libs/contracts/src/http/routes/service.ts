import { healthReport, openApiDocument, readinessReport } from '../../api/service.js';
import type { Route } from '../route.js';

const service = { method: 'GET', owner: 'router', tag: 'service', auth: 'none', status: 200 } as const;

export const SERVICE_ROUTES: readonly Route[] = [
  { ...service, path: '/healthz', summary: 'Whether the process answers', response: healthReport },
  { ...service, path: '/readyz', summary: 'Whether it can serve; 503 with the reasons while not', response: readinessReport },
  { ...service, path: '/openapi.json', summary: 'This document', response: openApiDocument },
  { ...service, path: '/metrics', tag: 'operators', summary: 'Prometheus metrics', alsoAnswers: ['text/plain'] },
];
