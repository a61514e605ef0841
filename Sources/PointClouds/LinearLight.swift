// sRGB bytes and linear light: what is mixed or written for glTF is light.

import Glibc

/// sRGB bytes as linear light.
func decoded(_ colour: SIMD3<UInt8>) -> Vector {
    Vector(linearLight[Int(colour.x)], linearLight[Int(colour.y)], linearLight[Int(colour.z)])
}

/// Linear light as sRGB bytes; what is too bright is clamped.
func encoded(_ light: Vector) -> SIMD3<UInt8> {
    func byte(_ value: Float) -> UInt8 {
        encodedLight[Int(min(max(value, 0), 1) * Float(encodedLight.count - 1) + 0.5)]
    }
    return SIMD3<UInt8>(byte(light.x), byte(light.y), byte(light.z))
}

/// sRGB bytes of linear light in steps that are a fifth of a byte where bytes are finest.
private let encodedLight: [UInt8] = (0..<1 << 14).map { step in
    let v = Float(step) / Float((1 << 14) - 1)
    return UInt8(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055) + 0.5)
}

private let linearLight: [Float] = (0..<256).map { byte in
    let v = Float(byte) / 255
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4)
}
