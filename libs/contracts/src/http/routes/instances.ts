import {
  instance,
  instanceEventList,
  instanceList,
  instanceQuote,
  launchInstance,
  replacePods,
  testPod,
  testPodResult,
} from '../../api/instances.js';
import { listQuery } from '../../api/list.js';
import { createModel, model, modelList, updateModel } from '../../api/models.js';
import { gpuTypeList, regionList } from '../../api/regions.js';
import type { Route } from '../route.js';

const models = { owner: 'instance-registry', tag: 'models', auth: 'principal' } as const;
const instances = { owner: 'instance-registry', tag: 'instances', auth: 'principal' } as const;

const LAUNCH_ERRORS = ['not_found', 'url_not_allowed', 'insufficient_balance', 'insufficient_capacity'] as const;

/** A customer's models and the instances that serve them. */
export const INSTANCE_ROUTES: readonly Route[] = [
  { ...models, method: 'GET', path: '/api/v1/models', summary: 'Models', query: listQuery, status: 200, response: modelList },
  {
    ...models,
    method: 'POST',
    path: '/api/v1/models',
    summary: 'Register a model',
    body: createModel,
    status: 201,
    response: model,
    errors: ['name_taken'],
  },
  {
    ...models,
    method: 'GET',
    path: '/api/v1/models/{id}',
    summary: 'A model',
    status: 200,
    response: model,
    errors: ['not_found'],
  },
  {
    ...models,
    method: 'PATCH',
    path: '/api/v1/models/{id}',
    summary: 'Change a model',
    body: updateModel,
    status: 200,
    response: model,
    errors: ['not_found', 'name_taken', 'model_in_use', 'invalid_state'],
  },
  {
    ...models,
    method: 'DELETE',
    path: '/api/v1/models/{id}',
    summary: 'Delete a model',
    status: 204,
    errors: ['not_found', 'model_in_use', 'invalid_state'],
  },
  {
    ...instances,
    method: 'GET',
    path: '/api/v1/instances',
    summary: 'Inference instances',
    query: listQuery,
    status: 200,
    response: instanceList,
  },
  {
    ...instances,
    method: 'POST',
    path: '/api/v1/instances',
    summary: 'Launch an instance on GPUs, or in front of servers that already run',
    body: launchInstance,
    status: 201,
    response: instance,
    errors: LAUNCH_ERRORS,
  },
  {
    ...instances,
    method: 'POST',
    path: '/api/v1/instances/quote',
    summary: 'What a launch would take; takes nothing',
    body: launchInstance,
    status: 200,
    response: instanceQuote,
    errors: ['not_found', 'url_not_allowed'],
  },
  {
    ...instances,
    method: 'POST',
    path: '/api/v1/instances/test-pod',
    summary: 'Whether a server is fit to be a pod',
    body: testPod,
    status: 200,
    response: testPodResult,
    errors: ['url_not_allowed'],
  },
  {
    ...instances,
    method: 'GET',
    path: '/api/v1/instances/{id}',
    summary: 'An instance',
    status: 200,
    response: instance,
    errors: ['instance_not_found'],
  },
  action('stop', 'Stop an instance'),
  action('start', 'Start a stopped instance'),
  action('terminate', 'Terminate an instance for good'),
  {
    ...instances,
    method: 'PUT',
    path: '/api/v1/instances/{id}/pods',
    summary: 'Replace the pods of an instance whose servers run elsewhere',
    body: replacePods,
    status: 200,
    response: instance,
    errors: ['instance_not_found', 'invalid_state', 'url_not_allowed'],
  },
  {
    ...instances,
    method: 'GET',
    path: '/api/v1/instances/{id}/events',
    summary: 'History of an instance',
    query: listQuery,
    status: 200,
    response: instanceEventList,
    errors: ['instance_not_found'],
  },
  {
    ...instances,
    method: 'GET',
    path: '/api/v1/regions',
    summary: 'Regions and whether they are healthy',
    status: 200,
    response: regionList,
  },
  {
    ...instances,
    method: 'GET',
    path: '/api/v1/gpu-types',
    summary: 'GPU types with rates and free capacity',
    status: 200,
    response: gpuTypeList,
  },
];

function action(verb: 'stop' | 'start' | 'terminate', summary: string): Route {
  return {
    ...instances,
    method: 'POST',
    path: `/api/v1/instances/{id}/${verb}`,
    summary,
    status: 200,
    response: instance,
    errors: verb === 'start' ? ['instance_not_found', 'insufficient_capacity', 'insufficient_balance'] : ['instance_not_found'],
  };
}
