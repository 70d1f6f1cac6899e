select offload.add_store('cloud', 'cloudinary', bucket => 'demo', public_url => 'https://media.example/', prefix => 'shop/');
select test.equal((select offload._url_base(s) from offload.store s), 'https://media.example/');
select test.holds(offload.lies_in_store('https://media.example/image/upload/v1/shop/x.webp.webp'));
