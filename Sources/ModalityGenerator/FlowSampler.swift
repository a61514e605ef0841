// From noise to latents, along the flow's velocity.

internal import Tensors

extension FlowTransformer {
    /// The velocity (clean − x)/(1 − t) at `latents` `[L, channels]`; with guidance g, the clean latents are
    /// null + g·(conditional − null) (classifier-free guidance, Ho and Salimans 2021).
    func velocity(
        _ latents: Tensor, time: Float, embedded: Tensor, embeddedNull: Tensor, guidance: Float
    ) -> Tensor {
        var velocity: Tensor
        if guidance == 1 {
            velocity = clean(latents, time: time, conditions: [embedded])[0]
        } else {
            let both = clean(latents, time: time, conditions: [embedded, embeddedNull])
            velocity = both[1]
            for index in velocity.values.indices {
                velocity.values[index] += guidance * (both[0].values[index] - both[1].values[index])
            }
        }
        for index in velocity.values.indices {
            velocity.values[index] = (velocity.values[index] - latents.values[index]) / (1 - time)
        }
        return velocity
    }

    /// Latents z `[L, 3 + F]` in the canonical frame, from normal noise of that shape and conditions `[K, C]`, by
    /// `steps` Euler steps from t = 0 to 1; features are clamped to −1...1. A task that is cancelled takes no more steps,
    /// and must not use what comes of it.
    func sample(noise: Tensor, conditions: Tensor, steps: Int, guidance: Float) -> Tensor {
        let (embedded, embeddedNull) = (embed(conditions), embed(nullConditions))
        var latents = noise
        for step in 0..<steps where !Task.isCancelled {
            var change = velocity(
                latents, time: Float(step) / Float(steps), embedded: embedded, embeddedNull: embeddedNull,
                guidance: guidance)
            change *= 1 / Float(steps)
            latents += change
        }
        let channels = configuration.channels
        for index in latents.values.indices {
            let channel = index % channels
            let value = latents.values[index] * deviation[channel] + mean[channel]
            latents.values[index] = channel < 3 ? value : min(1, max(-1, value))
        }
        return latents
    }
}
