// Package hunyuan are the networks of Tencent's Hunyuan3D that make shapes (2mini, 2.0, 2mv and 2.1, turbo and full; "Hunyuan3D 2.0:
// Scaling Diffusion Models for High Resolution Textured 3D Assets Generation", arXiv 2501.12202, and "Hunyuan3D 2.1",
// arXiv 2506.15442). DINOv2 looks at the picture, a transformer steered by its tokens turns noise into a set of latents, and
// the decoder of an autoencoder, asked with the latents at a point, says whether it is inside.
//
// What sizes a network has is read from the shapes of its tensors and from the config.yaml beside them, which have to agree.
// The weights have a licence of their own, which leaves regions out; see the table of package weights.
//
// Its world is x right, y up and z toward the viewer, within ±[Radius].
package hunyuan

// Radius is how far the world reaches along each axis.
const Radius = 1.01
