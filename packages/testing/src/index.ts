export * as Simulation from "./Simulation.ts"
export * as SimulationError from "./SimulationError.ts"
