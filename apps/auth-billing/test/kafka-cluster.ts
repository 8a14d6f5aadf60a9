// The engines are plain scripts that run before anything of the workspace is built, so they are no project of it.
// eslint-disable-next-line @nx/enforce-module-boundaries
export { type KafkaCluster, startKafka } from '../../../tools/engines/kafka.mjs';
